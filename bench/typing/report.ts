/** The rows of the typing benchmark, with its goals. */
import type { ResultRow } from '../lib/result.ts';
import type { TypingSummary } from './summary.ts';

/** The peer that ratios are against: it asks in the order that the model was trained for. */
export const referencePeer = '/infill';

/** Goals of the project. */
export const typingGoals = {
  evaluatedPerKey: 2,
  firstTextP50: 15,
  firstTextP95: 5,
} as const;

interface RowOptions {
  readonly unit: string;
  readonly of: (summary: TypingSummary) => number;
  /** The reference peer at least so many times as large. */
  readonly ratio?: number;
  readonly atMost?: number;
}

export function typingRows(
  ours: TypingSummary,
  peers: ReadonlyMap<string, TypingSummary>,
): ResultRow[] {
  const row = (name: string, options: RowOptions): ResultRow => makeRow(name, options, ours, peers);
  return [
    row('tokens evaluated per key, median', {
      unit: 'tokens',
      of: ({ evaluated }) => evaluated.p50,
      atMost: typingGoals.evaluatedPerKey,
    }),
    row('tokens evaluated per key, mean', { unit: 'tokens', of: (s) => s.evaluated.mean }),
    row('tokens evaluated per key, p95', { unit: 'tokens', of: (s) => s.evaluated.p95 }),
    row('tokens evaluated at a new line, median', {
      unit: 'tokens',
      of: (s) => s.evaluatedAtNewLines.p50,
    }),
    row('tokens evaluated at a new line, mean', {
      unit: 'tokens',
      of: (s) => s.evaluatedAtNewLines.mean,
    }),
    row('key → first suggested text, p50', {
      unit: 'ms',
      of: ({ firstText }) => firstText.p50,
      ratio: typingGoals.firstTextP50,
    }),
    row('key → first suggested text, p95', {
      unit: 'ms',
      of: ({ firstText }) => firstText.p95,
      ratio: typingGoals.firstTextP95,
    }),
    row('key → whole suggestion, p50', { unit: 'ms', of: ({ whole }) => whole.p50 }),
    row('key → whole suggestion, p95', { unit: 'ms', of: ({ whole }) => whole.p95 }),
    row('of which debounce, p50', { unit: 'ms', of: ({ debounce }) => debounce.p50 }),
    row('of which debounce, p95', { unit: 'ms', of: ({ debounce }) => debounce.p95 }),
    row('all tokens decoded per key', { unit: 'tokens', of: (s) => s.decodedPerKey }),
    row('engine calls per key', { unit: 'calls', of: (s) => s.engineCallsPerKey }),
    row('keys typed as suggested', { unit: 'keys', of: (s) => s.keysAsSuggested }),
    row('engine calls at those', { unit: 'calls', of: (s) => s.callsAsSuggested }),
    row('suggestions shown', { unit: 'keys', of: (s) => s.shown }),
    row('accepted, being what was typed next', { unit: 'times', of: (s) => s.accepted }),
    row('requests ahead, which nobody waits for', { unit: 'calls', of: (s) => s.prefetches }),
    row('requests cancelled', { unit: 'keys', of: (s) => s.cancelled }),
    row('requests failed', { unit: 'keys', of: (s) => s.failed }),
    row('keys', { unit: 'keys', of: (s) => s.keys }),
  ];
}

function makeRow(
  name: string,
  { unit, of, ratio: wanted, atMost }: RowOptions,
  ours: TypingSummary,
  peers: ReadonlyMap<string, TypingSummary>,
): ResultRow {
  const own = of(ours);
  const theirs = [...peers].map(([peer, summary]) => [peer, of(summary)] as const);
  const reference = peers.get(referencePeer);
  const ratio = (reference ? of(reference) : Number.NaN) / own;
  const goal =
    wanted !== undefined ? `≥ ${wanted} ×` : atMost !== undefined ? `≤ ${atMost}` : undefined;
  const met = wanted !== undefined ? ratio >= wanted : atMost !== undefined && own <= atMost;
  const comparable = Number.isFinite(ratio) && ratio > 0 && (unit === 'ms' || unit === 'tokens');
  return {
    name,
    unit,
    ours: own,
    peers: Object.fromEntries(theirs),
    ...(comparable ? { ratio } : {}),
    ...(goal === undefined || (wanted !== undefined && !comparable) ? {} : { goal, met }),
  };
}
