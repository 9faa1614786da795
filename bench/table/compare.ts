/** What became worse since an earlier run. */
import { readFile } from 'node:fs/promises';
import { shown, type BenchResult, type ResultRow } from '../lib/result.ts';

export interface Regression {
  readonly name: string;
  /** What is compared: a ratio where both runs have one, for ratios hold on every machine. */
  readonly of: 'ratio' | 'value';
  readonly before: number;
  readonly now: number;
}

/** Changes below this share are noise, whatever the spread says. */
const leastChange = 0.1;
/** Counted, not timed: the same on every machine. */
const countedUnits = new Set(['tokens', 'bytes', 'calls', 'KiB', 'files', 'sessions']);

/** Rejects when the file holds no result of `npm run bench -- --json`. */
export async function readResult(path: string): Promise<BenchResult> {
  const result = JSON.parse(await readFile(path, 'utf8')) as Partial<BenchResult>;
  if (Array.isArray(result.rows) && typeof result.machine === 'object')
    return result as BenchResult;
  throw new Error(`--compare takes a file that --json wrote; ${path} has no machine and rows`);
}

/** Rows are found by name and unit; one that only one run has is neither better nor worse. */
export function regressions(before: BenchResult, now: BenchResult): Regression[] {
  const sameMachine = isSameMachine(before, now);
  return now.rows.flatMap((row) => {
    const old = before.rows.find(({ name, unit }) => name === row.name && unit === row.unit);
    return old === undefined ? [] : (compare(old, row, sameMachine) ?? []);
  });
}

export function regressionLines(found: readonly Regression[]): string {
  return found
    .map(({ name, of, before, now }) => `${name}: ${of} ${shown(before)} → ${shown(now)}`)
    .join('\n');
}

function compare(old: ResultRow, row: ResultRow, sameMachine: boolean): Regression | undefined {
  const allowed = Math.max(leastChange, old.spread ?? 0, row.spread ?? 0);
  if (old.ratio !== undefined && row.ratio !== undefined)
    return row.ratio < old.ratio / (1 + allowed)
      ? { name: row.name, of: 'ratio', before: old.ratio, now: row.ratio }
      : undefined;
  if (!sameMachine && !countedUnits.has(row.unit)) return undefined;
  return row.ours > old.ours * (1 + allowed)
    ? { name: row.name, of: 'value', before: old.ours, now: row.ours }
    : undefined;
}

/** Times of different machines, or models, are not comparable. */
function isSameMachine({ machine: a }: BenchResult, { machine: b }: BenchResult): boolean {
  return a.processor === b.processor && a.processors === b.processors && a.model === b.model;
}
