/** What became worse since an earlier run. */
import { readFile } from 'node:fs/promises';
import { shown, type BenchResult, type ResultRow } from '../lib/result.ts';

export interface Regression {
  readonly name: string;
  /** What is compared: a ratio where both runs have one, for ratios hold on every machine. `goal`: it was met before. */
  readonly of: 'ratio' | 'value' | 'goal';
  readonly before: number;
  readonly now: number;
}

/** Changes below this share are noise, whatever the spread says. */
const leastChange = 0.1;
/** However much values spread, twice as bad is worse. */
const mostChange = 0.9;
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

/** Names of rows of the parts that were run now, which are not in their result any more. */
export function missingRows(before: BenchResult, now: BenchResult): string[] {
  const parts = new Set(now.rows.map(({ part }) => part));
  const names = new Set(now.rows.map(({ name }) => name));
  return before.rows
    .filter(({ part, name }) => parts.has(part) && !names.has(name))
    .map(({ name }) => name);
}

function compare(old: ResultRow, row: ResultRow, sameMachine: boolean): Regression | undefined {
  const { name } = row;
  const change = changeOf(old, row);
  if (change.of === 'value' && !sameMachine && !countedUnits.has(row.unit)) return undefined;
  const spread = Math.max(leastChange, old.spread ?? 0, row.spread ?? 0);
  if (change.worse(1 + Math.min(mostChange, spread)))
    return { name, of: change.of, before: change.before, now: change.now };
  const isLost = old.met === true && row.met === false;
  return isLost ? { name, of: 'goal', before: change.before, now: change.now } : undefined;
}

interface Change {
  readonly of: 'ratio' | 'value';
  readonly before: number;
  readonly now: number;
  /** Whether by more than this factor. */
  readonly worse: (factor: number) => boolean;
}

function changeOf(old: ResultRow, row: ResultRow): Change {
  if (old.ratio !== undefined && row.ratio !== undefined) {
    const [before, now] = [old.ratio, row.ratio];
    return { of: 'ratio', before, now, worse: (factor) => now < before / factor };
  }
  const [before, now] = [old.ours, row.ours];
  return { of: 'value', before, now, worse: (factor) => now > before * factor };
}

/** Times of different machines, or models, are not comparable. */
function isSameMachine({ machine: a }: BenchResult, { machine: b }: BenchResult): boolean {
  return a.processor === b.processor && a.processors === b.processors && a.model === b.model;
}
