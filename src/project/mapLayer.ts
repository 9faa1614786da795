import type { Budget } from './budget.ts';
import { byCodeUnits } from './codeUnitOrder.ts';
import { makeItem, type ContextItem, type CountTokens } from './contextItem.ts';
import type { OutlinedFile } from './outline.ts';

/** What the map is drawn from. */
export interface MapSource {
  readonly files: readonly OutlinedFile[];
  readonly countTokens: CountTokens;
  readonly budget: Budget;
}

/** Part of the whole budget the map may take. */
const MAP_SHARE = 0.5;

/**
 * The map of signatures: of each source file what others can use of it, the most central first,
 * until the map's share is used up.
 */
export function mapItems({ files, countTokens, budget }: MapSource): readonly ContextItem[] {
  const items: ContextItem[] = [];
  let left = Math.min(budget.leftTokens, Math.floor(budget.totalTokens * MAP_SHARE));
  let misses = 0;
  for (const file of mapOrder(files)) {
    if (misses >= MAX_MISSES) break;
    if (file.signatures.length > left * MAX_CHARS_PER_TOKEN) continue;
    const { path, signatures: text } = file;
    const item = makeItem({ layer: 'map', path, text, why: whyFor(file) }, countTokens);
    if (item.tokens > left || !budget.take(item.tokens)) {
      misses++;
      continue;
    }
    left -= item.tokens;
    items.push(item);
  }
  return items;
}

const MAX_CHARS_PER_TOKEN = 6;

/** The share is as good as used up when this many did not fit; a large project has thousands more. */
const MAX_MISSES = 4;

/** The files with signatures, tests last of all left out: nobody imports them. */
export function mapOrder(files: readonly OutlinedFile[]): readonly OutlinedFile[] {
  return files
    .filter(({ role, signatures }) => role === 'source' && signatures !== '')
    .map((file) => ({ file, rank: rankOf(file) }))
    .sort((left, right) => right.rank - left.rank || byCodeUnits(left.file.path, right.file.path))
    .map(({ file }) => file);
}

/** Few classes, so that ordinary edits keep the order. */
function rankOf({ centrality }: OutlinedFile): number {
  return Math.max(0, Math.floor(Math.log2(centrality) / 2) + 1);
}

function whyFor({ importers }: OutlinedFile): string {
  const n = Math.round(importers);
  if (n === 0) return 'what others can use of it';
  return n === 1 ? 'another file imports it' : `${String(n)} other files import it`;
}
