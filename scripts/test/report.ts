import { formatSeconds } from '../lib/steps.ts';
import type { SuiteResult } from './suite.ts';

export interface Row {
  readonly name: string;
  readonly result: SuiteResult;
  readonly ms: number;
}

export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export function totals(rows: readonly Row[]): Totals {
  const sum = (key: keyof Totals) => rows.reduce((n, { result }) => n + result[key], 0);
  return { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') };
}

/** The last line of `npm test`. */
export function summaryLine({ passed, failed, skipped }: Totals): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** Failures again, then a table with one line for each suite. */
export function reportLines(rows: readonly Row[]): string[] {
  const failures = rows.flatMap(({ name, result }) =>
    result.failures.map((failure) => `✗ ${name}: ${failure}`),
  );
  const cells = rows.map(({ name, result, ms }) => [
    name,
    ...[result.passed, result.failed, result.skipped].map(String),
    formatSeconds(ms),
  ]);
  const table = [['suite', 'passed', 'failed', 'skipped', 'time'], ...cells];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  ');
  return [...failures, '', ...table.map(line), ''];
}
