/** What a benchmark says: rows with ours beside the peers', as JSON and as a table. */
import type { MachineFacts } from './machine.ts';

export interface ResultRow {
  /** Of the benchmark that it belongs to. */
  readonly part?: string;
  readonly name: string;
  readonly unit: string;
  readonly ours: number;
  readonly peers: Readonly<Record<string, number>>;
  /** How many times better ours is than the peer that the benchmark names; absent without it. */
  readonly ratio?: number;
  /** In words. */
  readonly goal?: string;
  readonly met?: boolean;
  /** Between the quartiles of our runs, as a share of their median; absent where there was one run. */
  readonly spread?: number;
}

export interface BenchResult {
  readonly machine: MachineFacts;
  readonly rows: readonly ResultRow[];
}

/** A Markdown table of the rows. */
export function resultTable(rows: readonly ResultRow[]): string {
  const peers = [...new Set(rows.flatMap((row) => Object.keys(row.peers)))];
  const head = ['', 'unit', 'Warmfork', ...peers, 'ratio', 'goal', 'met'];
  const body = rows.map((row) => [
    row.name,
    row.unit,
    shown(row.ours),
    ...peers.map((peer) => shown(row.peers[peer])),
    row.ratio === undefined ? '–' : `${shown(row.ratio)} ×`,
    row.goal ?? '–',
    row.met === undefined ? '–' : row.met ? 'yes' : 'no',
  ]);
  return markdownTable(head, body);
}

export function markdownTable(
  head: readonly string[],
  body: readonly (readonly string[])[],
): string {
  const widths = head.map((_, column) =>
    Math.max(3, ...[head, ...body].map((cells) => cells[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n');
}

/** Three significant digits; whole numbers below 10,000 as they are. */
export function shown(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return '–';
  const isShort = Number.isInteger(value) && Math.abs(value) < 10_000;
  const digits = isShort ? value : Number(value.toPrecision(3));
  return digits.toLocaleString('en', { maximumSignificantDigits: 12 });
}
