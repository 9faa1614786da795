/** Which engines give their memory back now, and when to look again. Pure. */
import type { Memory } from './memory.ts';

/** Below this share of all memory others are in need of it. */
const scarceShare = 0.1;
/** How long an engine is left alone nevertheless, in ms. */
const scarceRestMs = 60_000;
/** So many contexts are kept at most: more projects take turns. */
const maxAwake = 4;

export interface Resting {
  /** For how long nobody has needed it, in ms; 0 while it works. */
  readonly idleMs: number;
}

export interface RestPlan<T> {
  readonly rest: readonly T[];
  /** Undefined: nothing is awake. */
  readonly nextMs: number | undefined;
}

/** @param awake the engines that have a context */
export function restPlan<T extends Resting>(
  awake: readonly T[],
  { available, total }: Memory,
  restAfterMs: number,
): RestPlan<T> {
  const isScarce = available < total * scarceShare;
  const limitMs = isScarce ? Math.min(scarceRestMs, restAfterMs) : restAfterMs;
  const longestIdleFirst = [...awake].sort((a, b) => b.idleMs - a.idleMs);
  const rest = longestIdleFirst.filter(
    ({ idleMs }, index) => idleMs >= limitMs || (idleMs > 0 && index < awake.length - maxAwake),
  );
  const left = longestIdleFirst.filter((engine) => !rest.includes(engine));
  const longestIdle = left[0];
  if (longestIdle === undefined) return { rest, nextMs: undefined };
  // Need may arise at any time, so the wait is never longer than what is due then.
  const dueMs = Math.max(limitMs - longestIdle.idleMs, 1_000);
  return { rest, nextMs: Math.min(dueMs, scarceRestMs) };
}
