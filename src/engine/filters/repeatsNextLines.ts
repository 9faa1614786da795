import { lineBefore, linesBelow, type Filter } from './filter.ts';

/** A shorter line may well stand twice; with its indentation it is the same one. */
const tellingLength = 8;

/** A suggestion ends where it arrives at the line that follows the cursor already. */
export const repeatsNextLines: Filter = {
  name: 'repeatsNextLines',
  apply: (text, place) => {
    const [next] = linesBelow(place);
    if (next === undefined) return text;
    const lines = text.split('\n');
    const at = lines.findIndex((line, index) =>
      isSameLine(index === 0 ? lineBefore(place) + line : line, next),
    );
    return at < 0 ? text : lines.slice(0, at).join('\n');
  },
};

function isSameLine(line: string, next: string): boolean {
  if (line.trimEnd() === next.trimEnd()) return true;
  const text = line.trim();
  return text.length >= tellingLength && /\w{3}/.test(text) && text === next.trim();
}
