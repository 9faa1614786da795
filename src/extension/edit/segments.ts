/** A text and its replacement as one list of segments: what stays, and what changes. Pure; lines without line ends. */
import { diffArrays } from 'diff';

export type Segment = SameSegment | ChangeSegment;

export interface SameSegment {
  readonly kind: 'same';
  readonly lines: readonly string[];
}

export interface ChangeSegment {
  readonly kind: 'change';
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

/** @param isWhole false while `after` is still growing: what it has not come to yet stays as it is. */
export function segmentsOf(
  before: readonly string[],
  after: readonly string[],
  isWhole: boolean,
): Segment[] {
  const segments: Segment[] = [];
  for (const { added, removed, value } of diffArrays([...before], [...after])) {
    if (!added && !removed) segments.push({ kind: 'same', lines: value });
    else addChange(segments, removed ? value : [], added ? value : []);
  }
  return isWhole ? segments : withoutLastRemoval(segments);
}

function addChange(
  segments: Segment[],
  removed: readonly string[],
  added: readonly string[],
): void {
  const last = segments.at(-1);
  if (last?.kind !== 'change') {
    segments.push({ kind: 'change', removed, added });
    return;
  }
  const both = { removed: [...last.removed, ...removed], added: [...last.added, ...added] };
  segments.splice(-1, 1, { kind: 'change', ...both });
}

/** What would be removed at the end is only not written yet, beyond as many lines as were written. */
function withoutLastRemoval(segments: readonly Segment[]): Segment[] {
  const last = segments.at(-1);
  if (last?.kind !== 'change') return [...segments];
  const removed = last.removed.slice(0, last.added.length);
  const rest = last.removed.slice(last.added.length);
  const kept: Segment[] = [...segments.slice(0, -1)];
  if (removed.length + last.added.length > 0)
    kept.push({ kind: 'change', removed, added: last.added });
  if (rest.length > 0) kept.push({ kind: 'same', lines: rest });
  return kept;
}

/** Decides one change: what was accepted or rejected stays as it is now. */
export function decided(
  segments: readonly Segment[],
  index: number,
  decision: 'accept' | 'reject',
): Segment[] {
  return segments.map((segment, at) => {
    if (at !== index || segment.kind === 'same') return segment;
    return { kind: 'same', lines: decision === 'accept' ? segment.added : segment.removed };
  });
}

export interface MergedLine {
  readonly text: string;
  readonly mark: 'same' | 'removed' | 'added';
  /** Index of its segment. */
  readonly segment: number;
}

/** What the editor shows: lines to be removed stand above those that replace them. */
export function merged(segments: readonly Segment[]): MergedLine[] {
  return segments.flatMap((one, segment): MergedLine[] =>
    one.kind === 'same'
      ? one.lines.map((text) => ({ text, mark: 'same', segment }))
      : [
          ...one.removed.map((text): MergedLine => ({ text, mark: 'removed', segment })),
          ...one.added.map((text): MergedLine => ({ text, mark: 'added', segment })),
        ],
  );
}

export function hasChanges(segments: readonly Segment[]): boolean {
  return segments.some(({ kind }) => kind === 'change');
}
