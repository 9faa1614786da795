/** What decides when a file has to go. */
export interface EvictionCandidate {
  /** `image`: what is derived from a base, and can be derived again. */
  readonly kind: 'base' | 'file' | 'chat' | 'image' | 'rejected';
  readonly path: string;
  readonly usedAt: number;
  /** Evaluation time of its tokens, ms; 0 if unknown. */
  readonly rebuildCostMs: number;
}

/** A base that took ten seconds to evaluate is kept as if it had been used one day later than it was. */
const baseCreditPerCostMs = 8640;
/** Longer than any two uses are apart. */
const beforeAllSessionsMs = 1e15;
/** No base is kept for its cost alone longer than this. */
export const maxBaseCreditMs = 7 * 24 * 3600 * 1000;

/**
 * The moment a candidate counts as last used; the earliest goes first.
 *
 *     rank = usedAt + min(rebuildCostMs × 8640, 7 days)   for bases
 *     rank = usedAt                                        for overlays
 *     rank = −∞                                            for rejected files kept aside
 *     rank = usedAt − 10¹⁵                                 for images: all of them before any session
 *
 * Bytes are not in it: within one model cells cost the same to evaluate per byte. A base earns its credit
 * because without it the first suggestion in a workspace, and every overlay on it, has to wait for it.
 */
export function evictionRank(candidate: EvictionCandidate): number {
  if (candidate.kind === 'rejected') return Number.NEGATIVE_INFINITY;
  if (candidate.kind === 'image') return candidate.usedAt - beforeAllSessionsMs;
  if (candidate.kind !== 'base') return candidate.usedAt;
  const credit = Math.min(candidate.rebuildCostMs * baseCreditPerCostMs, maxBaseCreditMs);
  return candidate.usedAt + credit;
}

/** The candidates in the order in which they have to go; the same in every process. */
export function inEvictionOrder<T extends EvictionCandidate>(
  candidates: readonly T[],
): readonly T[] {
  return [...candidates].sort((a, b) => {
    const [rankA, rankB] = [evictionRank(a), evictionRank(b)];
    if (rankA !== rankB) return rankA < rankB ? -1 : 1;
    return a.path < b.path ? -1 : 1;
  });
}
