/** One change of a text: `text` took the place of what was there. */
export interface TextChange {
  readonly start: { readonly line: number; readonly character: number };
  readonly text: string;
}

const autoClosed = new Set(['()', '[]', '{}', '<>', '""', "''", '``']);

/** Where the cursor is after a key: behind what was inserted, but inside of a pair that the editor closed by itself. */
export function cursorAfter({ start, text }: TextChange): { line: number; character: number } {
  const inserted = autoClosed.has(text) ? text.slice(0, 1) : text;
  const lines = inserted.split(/\r\n|\n/);
  const last = lines.at(-1) ?? '';
  const isSameLine = lines.length === 1;
  return {
    line: start.line + lines.length - 1,
    character: isSameLine ? start.character + last.length : last.length,
  };
}
