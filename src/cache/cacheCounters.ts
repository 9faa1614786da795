import type { RejectReason } from './rejectReason.ts';

/** What a store has done since it was opened. */
export interface CacheCounters {
  /** Look-ups that found a usable session, and those that did not (rejected ones included). */
  readonly hits: number;
  readonly misses: number;
  readonly published: number;
  readonly committed: number;
  readonly rejected: Readonly<Partial<Record<RejectReason, number>>>;
  /** Sessions removed for the budget, and their bytes. */
  readonly evicted: number;
  readonly evictedBytes: number;
  /** Leftovers of crashes removed. */
  readonly orphans: number;
  /** Size of the whole cache when it was last measured. */
  readonly bytes: number;
}

/** Counters at zero. */
export const noCounts: CacheCounters = {
  hits: 0,
  misses: 0,
  published: 0,
  committed: 0,
  rejected: {},
  evicted: 0,
  evictedBytes: 0,
  orphans: 0,
  bytes: 0,
};

/** `counters` with one more rejection for `reason`. */
export function countRejection(counters: CacheCounters, reason: RejectReason): CacheCounters {
  const soFar = counters.rejected[reason] ?? 0;
  return { ...counters, rejected: { ...counters.rejected, [reason]: soFar + 1 } };
}
