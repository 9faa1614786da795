/** When a base that is no longer what it should be is worth building anew. */

/** How far the present base is from the one the project should have now. */
export interface Staleness {
  /** The very tokens. */
  readonly isSame: boolean;
  readonly hasBase: boolean;
  /** Other files may be shown than when the present base was made: it may hold what must not be in it. */
  readonly otherRules: boolean;
  /** Its evaluation was ended under way: the wanted base begins with the present one, or a part of it is kept. */
  readonly isUnfinished: boolean;
  /** Share of the wanted base that the present one lacks, 0 to 1. */
  readonly missing: number;
  /** The wanted base is on disk: nothing has to be evaluated. */
  readonly isKept: boolean;
  /** What evaluating the rest would take, in ms. */
  readonly costMs: number;
  /** What staleness has cost so far; see `LostTime`. */
  readonly lostMs: number;
}

export type Decision =
  | { readonly kind: 'keep' }
  | { readonly kind: 'rebuild'; readonly why: string }
  | { readonly kind: 'later'; readonly inMs: number };

/** A base that lacks more than it has serves little. */
const worthlessShare = 0.5;
const longestWaitMs = 60 * 60_000;

/**
 * A stale base costs a little all the time it serves, a rebuild costs once. Nobody knows how much will be edited next,
 * so it is rebuilt when staleness has cost as much as the rebuild will: then both together are at most twice what the
 * best choice in hindsight would have cost, whatever comes.
 */
export function decide(staleness: Staleness): Decision {
  const { isSame, hasBase, otherRules, isUnfinished, missing, isKept, costMs, lostMs } = staleness;
  if (isSame) return { kind: 'keep' };
  if (!hasBase) return { kind: 'rebuild', why: 'there is no base yet' };
  if (isKept) return { kind: 'rebuild', why: 'this base is on disk' };
  if (otherRules) return { kind: 'rebuild', why: 'other files may be shown' };
  if (isUnfinished) return { kind: 'rebuild', why: 'it is unfinished' };
  if (missing >= worthlessShare) return { kind: 'rebuild', why: 'most of it is missing' };
  if (missing === 0) return { kind: 'keep' };
  if (lostMs >= costMs) return { kind: 'rebuild', why: 'it has been stale for long enough' };
  return { kind: 'later', inMs: Math.min(longestWaitMs, (costMs - lostMs) / missing) };
}

/** Adds up what staleness costs: a base that lacks a tenth costs a tenth of the time it serves. */
export class LostTime {
  #ms = 0;
  #missing = 0;
  #since = 0;

  /** @param nowMs of any clock that does not go back. */
  note(missing: number, nowMs: number): void {
    this.#ms = this.at(nowMs);
    this.#missing = missing;
    this.#since = nowMs;
  }

  at(nowMs: number): number {
    return this.#ms + this.#missing * Math.max(0, nowMs - this.#since);
  }

  /** A new base serves. */
  reset(): void {
    this.#ms = 0;
    this.#missing = 0;
  }
}
