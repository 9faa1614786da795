/** Which lines of a file a block of code is meant to replace. Pure. */

export interface LineSpan {
  readonly start: number;
  /** Exclusive; equal to `start`: the code is inserted there. */
  readonly end: number;
}

/**
 * The lines from the one that reads like the first of the code to the one that reads like its last, closest to the
 * length of the code; where there are none, a place to insert.
 */
export function applyTarget(
  document: readonly string[],
  code: readonly string[],
  cursorLine: number,
): LineSpan {
  const texts = code.map((line) => line.trim());
  const first = texts.find((line) => line !== '');
  const last = texts.findLast((line) => line !== '');
  const starts = linesLike(document, first);
  const start = nearest(starts, cursorLine);
  if (start === undefined) return { start: cursorLine, end: cursorLine };
  const indent = indentOf(document[start] ?? '');
  const ends = linesLike(document, last).filter(
    (line) => line >= start && indentOf(document[line] ?? '') === indent,
  );
  const end = nearest(ends, start + code.length - 1);
  return { start, end: (end ?? start) + 1 };
}

function linesLike(document: readonly string[], text: string | undefined): number[] {
  return document.flatMap((line, index) => (line.trim() === text ? [index] : []));
}

function nearest(lines: readonly number[], to: number): number | undefined {
  return [...lines].sort((a, b) => Math.abs(a - to) - Math.abs(b - to) || a - b)[0];
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}
