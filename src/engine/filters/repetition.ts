/** Small models fall into loops. A loop is offered once, or not at all where the document has it already. */
import { lineBefore, type Filter } from './filter.ts';

/** So often in a row is a loop, for lines and for pieces of a line. */
const lineTimes = 3;
const pieceTimes = 5;
const longestCycle = 6;
const longestPiece = 40;
/** A shorter loop that does not reach the end of its line may be meant. */
const longLoop = 60;

export const repetition: Filter = {
  name: 'repetition',
  apply: (text, place) => {
    if (continuesLoop(text, place.prefix, lineBefore(place))) return '';
    return withoutLineLoop(withoutPieceLoop(text));
  },
};

/** The line would be the third of its kind in a row. */
function continuesLoop(text: string, prefix: string, before: string): boolean {
  const line = (before + (text.split('\n', 1)[0] ?? '')).trim();
  const above = prefix.split('\n').slice(0, -1).slice(-2);
  const isTelling = /\w{2}/.test(line);
  return isTelling && above.length === 2 && above.every((other) => other.trim() === line);
}

/** Cuts before the second round of a cycle of lines. */
function withoutLineLoop(text: string): string {
  const lines = text.split('\n');
  for (let cycle = 1; cycle <= longestCycle; cycle++) {
    for (let start = 0; start + cycle * lineTimes <= lines.length; start++) {
      const round = lines.slice(start, start + cycle);
      if (round.every((line) => !/\w/.test(line))) continue;
      const isLoop = Array.from({ length: cycle * lineTimes }, (_, at) => at).every(
        (at) => lines[start + at] === round[at % cycle],
      );
      if (isLoop) return lines.slice(0, start + cycle).join('\n');
    }
  }
  return text;
}

/** Cuts before the second round of a piece that goes on to the end of its line, or for long. */
function withoutPieceLoop(text: string): string {
  const lines = text.split('\n');
  for (const [at, line] of lines.entries()) {
    const end = pieceLoop(line);
    if (end !== undefined) return [...lines.slice(0, at), line.slice(0, end)].join('\n');
  }
  return text;
}

function pieceLoop(line: string): number | undefined {
  for (let length = 2; length <= longestPiece && length * pieceTimes <= line.length; length++) {
    for (let start = 0; start + length * pieceTimes <= line.length; start++) {
      const piece = line.slice(start, start + length);
      if (!/[A-Za-z]/.test(piece) || isUniform(piece)) continue;
      let end = start + length;
      while (line.startsWith(piece, end)) end += length;
      const rest = line.slice(end);
      const isEndless = piece.startsWith(rest) || end - start >= longLoop;
      const isLoop = (end - start) / length >= pieceTimes && isEndless;
      if (isLoop) return start + length;
    }
  }
  return undefined;
}

/** `----` and `aaaa` are rulers and placeholders, not loops. */
function isUniform(piece: string): boolean {
  return piece === piece.charAt(0).repeat(piece.length);
}
