/** The table of sizes in docs/packages.md, which the script rewrites for the packages that it makes. */
import { readFileSync, writeFileSync } from 'node:fs';
import { inRoot } from '../lib/paths.ts';
import { targets } from './targets.ts';

export interface SizeRow {
  readonly target: string;
  /** Megabytes (10^6 bytes), or why there is none. */
  readonly size: string;
}

const page = 'docs/packages.md';
const begin = '<!-- sizes: written by npm run package -- --target all -->';
const end = '<!-- /sizes -->';

export function updateSizes(rows: readonly SizeRow[]): void {
  const file = inRoot(page);
  writeFileSync(file, withSizes(readFileSync(file, 'utf8'), rows));
}

/** The page with these rows in its table; what the table says of other targets stays. */
export function withSizes(text: string, rows: readonly SizeRow[]): string {
  const from = text.indexOf(begin) + begin.length;
  const to = text.indexOf(end);
  if (to < 0 || from < begin.length)
    throw new Error(`${page} has no place for the sizes (${begin})`);
  const table = formatTable([...parseTable(text.slice(from, to)), ...rows]);
  return `${text.slice(0, from)}\n\n${table}\n${text.slice(to)}`;
}

function parseTable(text: string): SizeRow[] {
  return [...text.matchAll(/^\| `([\w-]+)`\s*\| (.*?)\s*\|/gm)].map(
    ([, target = '', size = '']) => ({
      target,
      size,
    }),
  );
}

/** Aligned as Prettier does it. */
function formatTable(rows: readonly SizeRow[]): string {
  const sizes = new Map(rows.map(({ target, size }) => [target, size]));
  const lines: [string, string][] = targets.map(({ name }) => [
    `\`${name}\``,
    sizes.get(name) ?? 'not made yet',
  ]);
  const table = [['target', 'size'] as [string, string], ...lines];
  const widths = [0, 1].map((column) => Math.max(...table.map((row) => row[column]!.length)));
  const [head, ...body] = table.map(
    ([left, right]) => `| ${left.padEnd(widths[0]!)} | ${right.padEnd(widths[1]!)} |`,
  );
  const rule = `| ${'-'.repeat(widths[0]!)} | ${'-'.repeat(widths[1]!)} |`;
  return `${[head, rule, ...body].join('\n')}\n`;
}
