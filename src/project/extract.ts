/** How much of a text may be kept. */
export interface ExtractLimits {
  readonly maxChars: number;
  readonly maxLines: number;
}

/**
 * The beginning of a text, cut before a heading or at the end of a paragraph, and never inside a
 * fenced code block; at a line's end when there is no such place. Empty when not one line fits.
 */
export function extractStart(text: string, limits: ExtractLimits): string {
  const lines = text.split('\n');
  const fitting = countFitting(lines, limits);
  if (fitting >= lines.length) return text;
  const cut = bestCut(lines, fitting);
  const kept = lines.slice(0, cut).join('\n').trimEnd();
  return kept === '' ? '' : `${kept}\n`;
}

/** A README without lines that only show pictures, badges or comments. */
export function withoutDecoration(markdown: string): string {
  const text = markdown.replace(/<!--[\s\S]*?-->/gu, '');
  const lines = text.split('\n').filter((line) => !DECORATION.test(line));
  const kept = lines
    .join('\n')
    .replace(/\n{3,}/gu, '\n\n')
    .trim();
  return kept === '' ? '' : `${kept}\n`;
}

const DECORATION =
  /^\s*(?:(?:\[?!\[[^\]]*\]\([^)]*\)(?:\]\([^)]*\))?\s*)+|(?:<\/?(?:p|div|img|a|br|picture|source|center|h1)\b[^>]*>\s*)+|\[[^\]]+\]:\s*\S+.*)$/iu;

function countFitting(lines: readonly string[], limits: ExtractLimits): number {
  let nChars = 0;
  let nLines = 0;
  for (const line of lines) {
    nChars += line.length + 1;
    if (nChars > limits.maxChars || nLines >= limits.maxLines) break;
    nLines++;
  }
  return nLines;
}

/** The last good place to cut at or before `fitting`, unless it would cost more than half. */
function bestCut(lines: readonly string[], fitting: number): number {
  let best = 0;
  let lastOutside = 0;
  let inFence = false;
  for (let cut = 1; cut <= fitting; cut++) {
    if (/^\s*(?:```|~~~)/u.test(lines[cut - 1] ?? '')) inFence = !inFence;
    if (inFence) continue;
    lastOutside = cut;
    if (isBoundary(lines, cut)) best = cut;
  }
  if (best * 2 >= fitting) return best;
  return lastOutside > 0 ? lastOutside : fitting;
}

function isBoundary(lines: readonly string[], cut: number): boolean {
  const before = lines[cut - 1] ?? '';
  const after = lines[cut] ?? '';
  // A heading belongs to what follows it, blank lines or not.
  if (HEADING.test(before.trim() === '' ? (lines[cut - 2] ?? '') : before)) return false;
  return before.trim() === '' || after.trim() === '' || HEADING.test(after);
}

const HEADING = /^(?:#{1,6}\s|[=-]{3,}\s*$)/u;
