/** The code in an answer that is still growing. Pure. */

export interface AnswerCode {
  /** Whole lines so far. */
  readonly lines: readonly string[];
  /** The block is closed: nothing more comes. */
  readonly isWhole: boolean;
}

const fence = /^ {0,3}(`{3,}|~{3,})[^`]*$/;

/** The first fenced block; where the model wrote none, the whole answer. @param isOver the answer is. */
export function codeOfAnswer(answer: string, isOver: boolean): AnswerCode {
  const all = answer.split('\n');
  const lines = isOver ? withoutLastEmpty(all) : all.slice(0, -1);
  const open = lines.findIndex((line) => fence.test(line));
  if (open < 0) return { lines: isOver ? lines : [], isWhole: isOver };
  const mark = fence.exec(lines[open] ?? '')?.[1] ?? '```';
  const close = lines.findIndex((line, at) => at > open && line.trim() === mark);
  return close < 0
    ? { lines: lines.slice(open + 1), isWhole: isOver }
    : { lines: lines.slice(open + 1, close), isWhole: true };
}

function withoutLastEmpty(lines: readonly string[]): readonly string[] {
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

/** Gives code the indentation of what it replaces, where the model left it out. */
export function reindented(lines: readonly string[], like: readonly string[]): readonly string[] {
  const wanted = commonIndentation(like);
  const given = commonIndentation(lines);
  if (given === wanted) return lines;
  return lines.map((line) => (line.trim() === '' ? line : wanted + line.slice(given.length)));
}

function commonIndentation(lines: readonly string[]): string {
  const indents = lines
    .filter((line) => line.trim() !== '')
    .map((line) => /^[ \t]*/.exec(line)?.[0] ?? '');
  return indents.reduce((a, b) => {
    let length = 0;
    while (length < a.length && a[length] === b[length]) length++;
    return a.slice(0, length);
  }, indents[0] ?? '');
}
