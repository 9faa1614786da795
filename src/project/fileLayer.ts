import { byCodeUnits } from './codeUnitOrder.ts';
import { makeItem, type ContextItem } from './contextItem.ts';
import { roleOf, type FileRole } from './fileKinds.ts';
import { countMentions, findImports, type Imports } from './importRank.ts';
import type { ItemSource } from './itemSource.ts';
import type { LeftOut } from './scan.ts';
import { readSourceText } from './sourceText.ts';

/** The last layer: whole files, and what was left out of it. */
export interface FileLayer {
  readonly items: readonly ContextItem[];
  readonly leftOut: readonly LeftOut[];
}

/**
 * Whole files, the most mentioned first, until the budget is used up; a file that does not fit is
 * passed over and smaller ones may follow.
 *
 * Everything a rank is made of is rounded to powers of two, so that ordinary edits keep the order.
 */
export async function fileItems(source: ItemSource): Promise<FileLayer> {
  const { candidates, leftOut } = await survey(source);
  const items: ContextItem[] = [];
  for (const candidate of rank(candidates)) {
    const item = await itemFor(source, candidate);
    if (item === undefined) leftOut.push({ path: candidate.path, reason: 'over budget' });
    else items.push(item);
  }
  return { items, leftOut };
}

/** A readable file. Its text is read again if it is chosen: all texts at once may be too much. */
interface Candidate {
  readonly path: string;
  readonly nChars: number;
  readonly imports: Imports;
}

interface Survey {
  readonly candidates: readonly Candidate[];
  readonly leftOut: LeftOut[];
}

/** Files read at the same time; the result does not depend on which is done first. */
const N_PARALLEL = 16;

async function survey(source: ItemSource): Promise<Survey> {
  const candidates: Candidate[] = [];
  const leftOut: LeftOut[] = [];
  for (let at = 0; at < source.paths.length; at += N_PARALLEL) {
    source.signal?.throwIfAborted();
    const batch = source.paths.slice(at, at + N_PARALLEL);
    const reads = await Promise.all(batch.map((path) => readSourceText(source.files, path)));
    for (const [index, read] of reads.entries()) {
      const path = batch[index] ?? '';
      if (read.kind === 'useless') leftOut.push({ path, reason: read.reason });
      else candidates.push({ path, nChars: read.text.length, imports: findImports(read.text) });
    }
  }
  return { candidates, leftOut };
}

interface Ranked extends Candidate {
  readonly mentions: number;
  readonly role: FileRole;
}

function rank(candidates: readonly Candidate[]): readonly Ranked[] {
  const mentions = countMentions(new Map(candidates.map(({ path, imports }) => [path, imports])));
  return candidates
    .map((one) => ({ ...one, mentions: mentions.get(one.path) ?? 0, role: roleOf(one.path) }))
    .sort(byRank);
}

function byRank(left: Ranked, right: Ranked): number {
  return (
    magnitude(right.mentions) - magnitude(left.mentions) ||
    ROLES.indexOf(left.role) - ROLES.indexOf(right.role) ||
    depthOf(left.path) - depthOf(right.path) ||
    magnitude(left.nChars) - magnitude(right.nChars) ||
    byCodeUnits(left.path, right.path)
  );
}

const ROLES: readonly FileRole[] = ['source', 'test', 'other'];

function magnitude(count: number): number {
  return Math.floor(Math.log2(1 + count));
}

function depthOf(path: string): number {
  return path.split('/').length;
}

async function itemFor(
  source: ItemSource,
  { path, nChars, mentions }: Ranked,
): Promise<ContextItem | undefined> {
  const { budget, countTokens } = source;
  if (nChars > budget.leftTokens * MAX_CHARS_PER_TOKEN) return undefined;
  source.signal?.throwIfAborted();
  const read = await readSourceText(source.files, path);
  if (read.kind === 'useless') return undefined;
  const item = makeItem(
    { layer: 'files', path, text: read.text, why: whyFor(mentions) },
    countTokens,
  );
  return budget.take(item.tokens) ? item : undefined;
}

/** Sources that are denser than this are rare; they only lose a chance. */
const MAX_CHARS_PER_TOKEN = 6;

function whyFor(mentions: number): string {
  const n = Math.round(mentions);
  if (n === 0) return 'fits what was left of the budget';
  return n === 1 ? 'another file imports it' : `${String(n)} other files import it`;
}
