/**
 * Where the fill-in-the-middle parts of one document begin and end. Prefix and suffix stay where they are while a
 * person types: everything typed since then is *middle* and stands after `<|fim_middle|>`, so that a typed character
 * only appends tokens. Text is measured in characters (UTF-16 units), positions in lines.
 */
import { staleEnd } from './stalePrefix.ts';

export interface DocumentText {
  /** From the start of line `firstLine` to the cursor. */
  readonly prefix: string;
  readonly firstLine: number;
  /** After the cursor. */
  readonly suffix: string;
}

export interface Anchor {
  /** Where `prefix` starts: a line, and characters into it (0 but for huge lines). */
  readonly startLine: number;
  readonly lineOffset: number;
  readonly prefix: string;
  readonly suffix: string;
  /** The suffix is all of the text after the cursor that was known, and not only its beginning. */
  readonly isSuffixWhole: boolean;
  /** Tokens of what stands between the base and the document; chosen with the anchor, since then the same. */
  readonly context: readonly number[];
}

export interface Parts {
  readonly anchor: Anchor;
  /** Typed since the anchor was set; its last line is the part of the current line before the cursor. */
  readonly middle: string;
  /** Something small has changed far above the cursor, which the anchor's prefix does not have. */
  readonly isStale?: boolean;
}

export interface AnchorLimits {
  readonly prefixChars: number;
  readonly suffixChars: number;
  readonly middleChars: number;
  readonly middleLines: number;
}

export const defaultAnchorLimits: AnchorLimits = {
  prefixChars: 3000,
  suffixChars: 1000,
  middleChars: 2000,
  middleLines: 40,
};

/** Shorter texts may well stand at several places. */
const tellingChars = 64;
const headChars = 256;

/** What editors put behind the cursor by themselves while a person types; it does not move the anchor. */
const closers = /^[\s)\]}>"'`;,]{1,16}/;

/** Prefixes start at a multiple of this many lines: the largest that still leaves half of the budget in use. */
const anchorSteps = [64, 32, 16, 8, 4, 1] as const;

/** Keeps the old anchor while the text around it is the same, and sets a new one otherwise. */
export function anchorParts(
  text: DocumentText,
  previous: Anchor | undefined,
  limits: AnchorLimits = defaultAnchorLimits,
): Parts {
  const kept = previous && continueAnchor(text, previous, limits);
  return kept ?? setAnchor(text, limits, previous === undefined ? [] : [previous]);
}

/** The parts with that anchor; undefined where the text around it has changed, or the cursor has left it. */
export function continueAnchor(
  text: DocumentText,
  previous: Anchor,
  limits: AnchorLimits,
): Parts | undefined {
  if (!isSuffixKept(text.suffix, previous)) return undefined;
  const start = anchorOffset(text, previous);
  const end =
    start === undefined
      ? staleEnd(text.prefix, headOf(text, previous), previous.prefix)
      : start + previous.prefix.length;
  if (end === undefined) return undefined;
  const middle = text.prefix.slice(end);
  if (middle.length > limits.middleChars || countLines(middle) > limits.middleLines)
    return undefined;
  return { anchor: previous, middle, ...(start === undefined && { isStale: true }) };
}

/** True when the text after the cursor is the anchor's, give or take brackets and quotes that were closed for the person. */
function isSuffixKept(suffix: string, anchor: Anchor): boolean {
  const added = closers.exec(suffix)?.[0].length ?? 0;
  for (let length = 0; length <= added; length++)
    if (isSuffixOf(suffix.slice(length), anchor.suffix, anchor)) return true;
  const removed = closers.exec(anchor.suffix)?.[0].length ?? 0;
  for (let length = 1; length <= removed; length++)
    if (isSuffixOf(suffix, anchor.suffix.slice(length), anchor)) return true;
  return false;
}

function isSuffixOf(suffix: string, wanted: string, { isSuffixWhole }: Anchor): boolean {
  return isSuffixWhole ? suffix === wanted : suffix.startsWith(wanted);
}

/** Sets an anchor at the cursor. Its prefix begins where that of a known one does, if it can: those cells are there. */
export function setAnchor(
  text: DocumentText,
  limits: AnchorLimits,
  known: readonly Anchor[] = [],
): Parts {
  const suffix = cutSuffix(text.suffix, limits.suffixChars);
  const lineStart = text.prefix.lastIndexOf('\n') + 1;
  let middle = text.prefix.slice(lineStart);
  if (middle.length > limits.middleChars) middle = middle.slice(-limits.middleChars);
  const end = text.prefix.length - middle.length;
  const start =
    knownStart(text, end, limits.prefixChars, known) ?? prefixStart(text, end, limits.prefixChars);
  const prefix = text.prefix.slice(start.offset, end);
  const lineOffset = start.offset - (offsetOfLine(text, start.line) ?? 0);
  const isSuffixWhole = suffix.length === text.suffix.length;
  const anchor = { startLine: start.line, lineOffset, prefix, suffix, isSuffixWhole, context: [] };
  return { anchor, middle };
}

/** The first line that is a multiple of a step and leaves between half of `budget` and all of it before `end`. */
function prefixStart(
  text: DocumentText,
  end: number,
  budget: number,
): { readonly line: number; readonly offset: number } {
  if (end <= budget) return { line: text.firstLine, offset: 0 };
  const starts = lineStarts(text, end).filter(({ offset }) => end - offset <= budget);
  for (const step of anchorSteps) {
    const start = starts.find(({ line }) => line % step === 0);
    if (start !== undefined && end - start.offset >= budget / 2) return start;
  }
  // One line fills the budget: no line start will do, so the cut moves in coarse steps instead.
  const coarse = Math.ceil((end - budget) / (budget / 2)) * (budget / 2);
  return { line: text.firstLine, offset: Math.min(coarse, end) };
}

function lineStarts(text: DocumentText, end: number): { line: number; offset: number }[] {
  const starts: { line: number; offset: number }[] = [];
  let line = text.firstLine;
  for (let offset = 0; offset <= end; line++) {
    starts.push({ line, offset });
    const next = text.prefix.indexOf('\n', offset) + 1;
    if (next === 0) break;
    offset = next;
  }
  return starts;
}

/** Where the anchor's prefix stands; elsewhere than it did when lines came or went above it. */
function anchorOffset(
  text: DocumentText,
  { startLine, lineOffset, prefix }: Anchor,
): number | undefined {
  const line = offsetOfLine(text, startLine);
  if (line !== undefined && text.prefix.startsWith(prefix, line + lineOffset))
    return line + lineOffset;
  if (prefix.length < tellingChars) return undefined;
  const found = text.prefix.lastIndexOf(prefix);
  return found < 0 ? undefined : found;
}

/** Where the beginning of the anchor's prefix stands, or stood. */
function headOf(text: DocumentText, { startLine, lineOffset, prefix }: Anchor): number {
  const line = offsetOfLine(text, startLine);
  const before = line === undefined ? -1 : line + lineOffset;
  const head = prefix.slice(0, tellingChars);
  if (before >= 0 && text.prefix.startsWith(head, before)) return before;
  const found = text.prefix.indexOf(head);
  return found < 0 ? before : found;
}

/** The start of a known prefix, where it leaves between half of `budget` and all of it before `end`. */
function knownStart(
  text: DocumentText,
  end: number,
  budget: number,
  known: readonly Anchor[],
): { readonly line: number; readonly offset: number } | undefined {
  if (end <= budget) return undefined; // all of it
  for (const { prefix, lineOffset } of known) {
    const head = prefix.slice(0, headChars);
    const offset = text.prefix.lastIndexOf(head, Math.floor(end - budget / 2));
    if (lineOffset !== 0 || head.length < tellingChars || offset < 0) continue;
    if (offset > 0 && text.prefix[offset - 1] !== '\n') continue;
    if (end - offset > budget) continue;
    return { line: text.firstLine + countLines(text.prefix.slice(0, offset)), offset };
  }
  return undefined;
}

/** Offset of the start of `line` in the prefix, if the window still has it. */
function offsetOfLine(text: DocumentText, line: number): number | undefined {
  let offset = 0;
  for (let at = text.firstLine; at < line; at++) {
    offset = text.prefix.indexOf('\n', offset) + 1;
    if (offset === 0) return undefined;
  }
  return text.firstLine <= line ? offset : undefined;
}

/** Cut at a line end where there is one, so that it does not end in half a line. */
function cutSuffix(suffix: string, budget: number): string {
  if (suffix.length <= budget) return suffix;
  const end = suffix.lastIndexOf('\n', budget);
  return suffix.slice(0, end > 0 ? end : budget);
}

function countLines(text: string): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}
