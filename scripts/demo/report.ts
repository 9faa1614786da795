/** What the demo measured, as a table for people and as JSON for programs. */

export type Phase = 'cold' | 'warm' | 'restart';

export interface CompletionRow {
  readonly path: string;
  readonly line: number;
  readonly evaluated: Readonly<Record<Phase, number>>;
  readonly reused: Readonly<Record<Phase, number>>;
  readonly firstTokenMs: Readonly<Record<Phase, number>>;
  readonly text: string;
  /** The same text in all three phases. */
  readonly sameText: boolean;
}

export interface DemoReport {
  readonly base: {
    readonly tokens: number;
    readonly bytes: number;
    readonly prefillMs: number;
    readonly restoreMs: number;
  };
  /** Median over all requests. */
  readonly forkMs: number;
  readonly completions: readonly CompletionRow[];
  readonly overlays: readonly {
    readonly path: string;
    readonly tokens: number;
    readonly bytes: number;
  }[];
}

export function formatReport(report: DemoReport): string {
  const { base, forkMs, completions, overlays } = report;
  const rows = completions.map((row) => [
    `${row.path}:${row.line}`,
    ...phases.flatMap((phase) => [
      String(row.evaluated[phase]),
      String(row.reused[phase]),
      row.firstTokenMs[phase].toFixed(1),
    ]),
    row.sameText ? 'same' : 'DIFFERENT',
  ]);
  const head = ['completion', ...phases.flatMap((phase) => [phase, 'reused', 'ms']), 'text'];
  const sizes = overlays.map(({ path, tokens, bytes }) => [path, String(tokens), String(bytes)]);
  return [
    `base      ${base.tokens} tokens, ${(base.bytes / 1024).toFixed(0)} KiB on disk`,
    `prefill   ${base.prefillMs.toFixed(0)} ms (once)`,
    `restore   ${base.restoreMs.toFixed(1)} ms, 0 tokens evaluated`,
    `fork      ${forkMs.toFixed(2)} ms, no K/V byte copied`,
    '',
    'Prompt tokens evaluated and reused, and ms to the first token (cold: first time in this file;',
    'warm: again; restart: after kill -9 of the engine)',
    table([head, ...rows]),
    '',
    'File sessions on disk (only what stands above the base)',
    table([['file', 'tokens', 'bytes'], ...sizes]),
  ].join('\n');
}

const phases: readonly Phase[] = ['cold', 'warm', 'restart'];

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const format = (row: readonly string[]): string =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ');
  return rows.map(format).join('\n');
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
