/** When a suggestion ends, and what of the generated text is offered. Pure; text in, text out. */

export interface StopRules {
  /** Whole text so far → true when nothing after it would be offered. */
  readonly stop: (text: string) => boolean;
  readonly finish: (text: string) => string;
}

/** Lines of a block suggestion. */
const maxLines = 8;

/** One line where code follows the cursor or the line has begun; a block at the start of a line. */
export function isSingleLine(linePrefix: string, suffix: string): boolean {
  const lineSuffix = suffix.split('\n', 1)[0] ?? '';
  return lineSuffix.trim() !== '' || linePrefix.trim() !== '';
}

export function stopRules(singleLine: boolean, suffix: string): StopRules {
  const following = firstLineWithText(suffix);
  return singleLine
    ? {
        stop: (text) => text.includes('\n'),
        finish: (text) => finish(text.split('\n', 1)[0] ?? '', suffix, following),
      }
    : {
        stop: (text) => blockEnd(text, following) !== undefined,
        finish: (text) => finish(text.slice(0, blockEnd(text, following)), suffix, following),
      };
}

/** Where a block ends: at an empty line after text, at too many lines, or where the text that follows is repeated. */
function blockEnd(text: string, following: string): number | undefined {
  let lines = 0;
  let seen = false;
  for (let start = 0; ;) {
    const end = text.indexOf('\n', start);
    if (end < 0) return undefined;
    const line = text.slice(start, end);
    const repeats = start > 0 && following !== '' && line.trim() === following;
    if ((seen && line.trim() === '') || repeats) return Math.max(0, start - 1);
    if (line.trim() !== '') seen = true;
    if (++lines >= maxLines) return end;
    start = end + 1;
  }
}

function finish(text: string, suffix: string, following: string): string {
  const trimmed = text.trimEnd();
  if (trimmed === '' || trimmed.trim() === following) return '';
  return withoutSuffix(trimmed, suffix.split('\n', 1)[0] ?? '');
}

/** What stands right of the cursor already is not offered again. */
function withoutSuffix(text: string, lineSuffix: string): string {
  const rest = lineSuffix.trimEnd();
  return rest !== '' && text.endsWith(rest) ? text.slice(0, -rest.length) : text;
}

function firstLineWithText(suffix: string): string {
  const afterLine = suffix.slice(suffix.indexOf('\n') + 1);
  return suffix.includes('\n')
    ? (afterLine.split('\n').find((line) => line.trim() !== '') ?? '').trim()
    : '';
}
