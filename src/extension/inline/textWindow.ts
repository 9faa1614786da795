/** What the engine sees of a document: a window of text around the cursor, with `\n` line ends. */

export interface TextWindow {
  readonly prefix: string;
  /** 0-based number of the first line in `prefix`. */
  readonly firstLine: number;
  readonly suffix: string;
}

export interface TextPosition {
  readonly line: number;
  readonly character: number;
}

/** The part of a document that is needed here. */
export interface TextSource {
  readonly lineCount: number;
  textBetween(start: TextPosition, end: TextPosition): string;
}

export const windowLimits = {
  linesBefore: 400,
  charsBefore: 32_000,
  linesAfter: 200,
  charsAfter: 8_000,
} as const;

/** The window around a range that a completion would replace (empty: the cursor). */
export function takeWindow(source: TextSource, start: TextPosition, end: TextPosition): TextWindow {
  return { ...takeBefore(source, start), suffix: takeAfter(source, end) };
}

function takeBefore(source: TextSource, end: TextPosition): Omit<TextWindow, 'suffix'> {
  const firstLine = Math.max(0, end.line - windowLimits.linesBefore);
  const text = toLf(source.textBetween({ line: firstLine, character: 0 }, end));
  const excess = text.length - windowLimits.charsBefore;
  if (excess <= 0) return { prefix: text, firstLine };
  const lineEnd = text.indexOf('\n', excess - 1);
  // One line alone is too long: its start is given up.
  if (lineEnd < 0) return { prefix: text.slice(excess), firstLine: end.line };
  const dropped = text.slice(0, lineEnd + 1);
  return {
    prefix: text.slice(dropped.length),
    firstLine: firstLine + dropped.split('\n').length - 1,
  };
}

function takeAfter(source: TextSource, start: TextPosition): string {
  const lastLine = Math.min(source.lineCount, start.line + windowLimits.linesAfter);
  const text = toLf(source.textBetween(start, { line: lastLine, character: 0 }));
  if (text.length <= windowLimits.charsAfter) return text;
  const cut = text.slice(0, windowLimits.charsAfter);
  const lineEnd = cut.lastIndexOf('\n');
  return lineEnd < 0 ? cut : cut.slice(0, lineEnd + 1);
}

function toLf(text: string): string {
  return text.replaceAll('\r\n', '\n');
}
