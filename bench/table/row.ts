/** Rows from measured values: medians, spread, ratio and goal. Of every value less is better. */
import type { ResultRow } from '../lib/result.ts';
import { median, spread } from '../lib/statistics.ts';

export type Goal =
  /** The peer of `against` so many times as large at least. */
  | { readonly kind: 'ratio'; readonly atLeast: number }
  | { readonly kind: 'atMost'; readonly value: number };

export interface Measured {
  readonly name: string;
  readonly unit: string;
  readonly ours: readonly number[];
  /** Values of each; one that could not be measured has none. */
  readonly peers?: Readonly<Record<string, readonly number[]>>;
  /** The peer that the ratio is against. */
  readonly against?: string;
  readonly goal?: Goal;
}

export function measuredRow({ name, unit, ours, peers = {}, against, goal }: Measured): ResultRow {
  const own = median(ours);
  const present = Object.entries(peers).filter(([, values]) => values.length > 0);
  const theirs = Object.fromEntries(present.map(([peer, values]) => [peer, median(values)]));
  const reference = against === undefined ? undefined : theirs[against];
  const ratio = ratioOf(own, reference);
  const met = goal && isMet(goal, own, reference);
  return {
    name,
    unit,
    ours: own,
    peers: theirs,
    ...(ratio !== undefined && { ratio }),
    ...(goal && { goal: inWords(goal) }),
    ...(met !== undefined && { met }),
    ...(ours.length > 1 && { spread: spread(ours) }),
  };
}

/** Undefined where there is nothing to divide, or by. */
function ratioOf(own: number, theirs: number | undefined): number | undefined {
  const ratio = (theirs ?? Number.NaN) / own;
  return Number.isFinite(ratio) ? ratio : undefined;
}

/** Undefined: it cannot be said. */
function isMet(goal: Goal, own: number, theirs: number | undefined): boolean | undefined {
  const limit = limitOf(goal, theirs);
  return Number.isFinite(own) && Number.isFinite(limit) ? own <= limit : undefined;
}

/** What ours may be; not a number where that depends on a peer that is missing. */
function limitOf(goal: Goal, theirs = Number.NaN): number {
  return goal.kind === 'ratio' ? theirs / goal.atLeast : goal.value;
}

function inWords(goal: Goal): string {
  return goal.kind === 'ratio' ? `≥ ${goal.atLeast} ×` : `≤ ${goal.value}`;
}
