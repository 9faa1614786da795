import { windowLimits, type TextWindow } from './textWindow.ts';

/** What a person has typed between two windows of a document. */
export interface Typed {
  readonly text: string;
  /** Brackets and quotes that the editor closed by itself: they stand right after the cursor. */
  readonly closers: string;
}

const mostClosers = 4;

/** Undefined when something else has changed than text at the cursor. */
export function typedSince(from: TextWindow, now: TextWindow): Typed | undefined {
  const firstLine = Math.max(from.firstLine, now.firstLine);
  const before = prefixFrom(from, firstLine);
  const after = prefixFrom(now, firstLine);
  if (before === undefined || !after?.startsWith(before)) return undefined;
  const text = after.slice(before.length);
  const closers = closersBefore(from.suffix, now.suffix, Math.min(mostClosers, text.length));
  return closers === undefined ? undefined : { text, closers };
}

/** What is left of suggestions that begin with what was typed. */
export function restsOf(suggestions: readonly string[], { text }: Typed): readonly string[] {
  return suggestions
    .filter((suggestion) => suggestion.length > text.length && suggestion.startsWith(text))
    .map((suggestion) => suggestion.slice(text.length));
}

/** Windows begin lower when the cursor goes down in a long document: compared is what both show. */
function prefixFrom({ prefix, firstLine }: TextWindow, line: number): string | undefined {
  let start = 0;
  for (let dropped = firstLine; dropped < line; dropped++) {
    start = prefix.indexOf('\n', start) + 1;
    if (start === 0) return undefined;
  }
  return prefix.slice(start);
}

function closersBefore(from: string, now: string, most: number): string | undefined {
  for (let count = 0; count <= most; count++) {
    const closers = now.slice(0, count);
    if (/[^)\]}>"'`]/.test(closers)) return undefined;
    if (isSameSuffix(from, now.slice(count))) return closers;
  }
  return undefined;
}

/** Long suffixes are cut at a line end, which may be another one when something stands before it. */
function isSameSuffix(a: string, b: string): boolean {
  if (a === b) return true;
  const shorter = Math.min(a.length, b.length);
  return shorter > windowLimits.charsAfter / 2 && a.slice(0, shorter) === b.slice(0, shorter);
}
