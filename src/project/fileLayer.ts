import { byCodeUnits } from './codeUnitOrder.ts';
import { makeItem, type ContextItem } from './contextItem.ts';
import { ExcludeGlobs } from './excludeGlobs.ts';
import type { FileRole } from './fileKinds.ts';
import type { ItemSource } from './itemSource.ts';
import type { OutlinedFile } from './outline.ts';
import type { LeftOut } from './scan.ts';
import { readSourceText } from './sourceText.ts';

/** The last layer: whole files, and what was left out of it. */
export interface FileLayer {
  readonly items: readonly ContextItem[];
  readonly leftOut: readonly LeftOut[];
}

/** What the last layer is chosen from. */
export interface FileLayerSource extends ItemSource {
  readonly outlined: readonly OutlinedFile[];
  /** Globs of what a person wants to be in. */
  readonly include: readonly string[];
  /** Files of which the map has something. */
  readonly mapped: ReadonlySet<string>;
}

/**
 * Whole files: those a person asked for, then the most relevant to what is worked on, until the
 * budget is used up; a file that does not fit is passed over and smaller ones may follow.
 *
 * Everything a rank is made of is rounded to powers of two, so that ordinary edits keep the order.
 */
export async function fileItems(source: FileLayerSource): Promise<FileLayer> {
  const items: ContextItem[] = [];
  const leftOut: LeftOut[] = [];
  const include = new ExcludeGlobs(source.include);
  const isIncluded = (path: string): boolean =>
    source.include.length > 0 && include.excludes(inRoot(source, path), 'file');
  for (const file of ranked(source.outlined, isIncluded)) {
    const why = isIncluded(file.path) ? 'you included it' : whyFor(file);
    const item = await itemFor(source, file, why);
    if (item !== undefined) items.push(item);
    else if (!source.mapped.has(file.path)) {
      leftOut.push({ path: file.path, reason: 'over budget' });
    }
  }
  return { items, leftOut };
}

function inRoot({ files }: ItemSource, path: string): string {
  return files.roots.length === 1 ? path : path.slice(path.indexOf('/') + 1);
}

function ranked(
  files: readonly OutlinedFile[],
  isIncluded: (path: string) => boolean,
): readonly OutlinedFile[] {
  return files
    .map((file) => ({ file, included: isIncluded(file.path) ? 0 : 1 }))
    .sort((left, right) => left.included - right.included || byRank(left.file, right.file))
    .map(({ file }) => file);
}

function byRank(left: OutlinedFile, right: OutlinedFile): number {
  return (
    magnitude(right.relevance) - magnitude(left.relevance) ||
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
  { path, nChars }: OutlinedFile,
  why: string,
): Promise<ContextItem | undefined> {
  const { budget, countTokens } = source;
  if (nChars > budget.leftTokens * MAX_CHARS_PER_TOKEN) return undefined;
  source.signal?.throwIfAborted();
  const read = await readSourceText(source.files, path);
  if (read.kind === 'useless') return undefined;
  const item = makeItem({ layer: 'files', path, text: read.text, why }, countTokens);
  return budget.take(item.tokens) ? item : undefined;
}

/** Sources that are denser than this are rare; they only lose a chance. */
const MAX_CHARS_PER_TOKEN = 6;

function whyFor({ importers }: OutlinedFile): string {
  const n = Math.round(importers);
  if (n === 0) return 'fits what was left of the budget';
  return n === 1 ? 'another file imports it' : `${String(n)} other files import it`;
}
