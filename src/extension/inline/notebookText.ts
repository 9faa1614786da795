import { windowLimits, type TextSource } from './textWindow.ts';

export interface NotebookCellText {
  readonly isCode: boolean;
  readonly languageId: string;
  readonly text: string;
}

/** A cell within the text of its notebook. */
export interface CellText {
  readonly source: TextSource;
  /** Line of the source that is the cell's first. */
  readonly firstLine: number;
}

/** Languages whose comments begin with `#`; those of the others that run in notebooks begin with `//`. */
const hashComments = new Set(['python', 'r', 'julia', 'ruby', 'shellscript', 'powershell', 'perl']);

/**
 * One text of the cells before a cell, the cell, and those after it, as one program: code of the cell's language as it is, prose
 * as comments, code of other languages left out. Depends on other cells only above and below, so typing in the cell moves nothing.
 */
export function notebookText(cells: readonly NotebookCellText[], index: number): CellText {
  const cell = cells[index];
  if (cell === undefined) return { source: sourceOfText(''), firstLine: 0 };
  const texts = (part: readonly NotebookCellText[]): string[] =>
    part.map((other) => asProgram(other, cell.languageId)).filter((text) => text !== '');
  const before = withinLimit(texts(cells.slice(0, index)).reverse(), windowLimits.charsBefore)
    .reverse()
    .map((text) => `${text}\n\n`)
    .join('');
  const after = withinLimit(texts(cells.slice(index + 1)), windowLimits.charsAfter)
    .map((text) => `\n\n${text}`)
    .join('');
  return {
    source: sourceOfText(before + toLf(cell.text) + after),
    firstLine: before.split('\n').length - 1,
  };
}

function asProgram({ isCode, languageId, text }: NotebookCellText, language: string): string {
  const trimmed = toLf(text).trimEnd();
  if (isCode) return languageId === language ? trimmed : '';
  const mark = hashComments.has(language) ? '#' : '//';
  return trimmed.replace(/^/gm, `${mark} `);
}

/** The first ones, as long as they are together no longer than that. */
function withinLimit(texts: readonly string[], limit: number): string[] {
  let length = 0;
  return texts.filter((text) => (length += text.length) <= limit);
}

function sourceOfText(text: string): TextSource {
  const lines = text.split('\n');
  return {
    lineCount: lines.length,
    textBetween: (start, end) => {
      const part = lines.slice(start.line, end.line + 1);
      // A position below the last line is the end of the text.
      if (end.line < lines.length) {
        part[part.length - 1] = (part.at(-1) ?? '').slice(0, end.character);
      }
      part[0] = (part[0] ?? '').slice(start.character);
      return part.join('\n');
    },
  };
}

function toLf(text: string): string {
  return text.replaceAll('\r\n', '\n');
}
