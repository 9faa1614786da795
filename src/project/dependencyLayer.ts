import * as v from 'valibot';

import { byCodeUnits } from './codeUnitOrder.ts';
import { makeItem, type ContextItem } from './contextItem.ts';
import { extractStart } from './extract.ts';
import type { ItemSource } from './itemSource.ts';
import { joinPath, rootDirectory, type ProjectFiles } from './projectFiles.ts';
import { signaturesOf } from './signatures.ts';
import { readSourceText } from './sourceText.ts';

/** Part of the whole budget; nothing below `MIN_BUDGET_TOKENS`, where the project needs it more. */
const SHARE = 0.06;
const MIN_BUDGET_TOKENS = 6000;
/** Of one dependency. */
const MAX_TOKENS = 240;
const MAX_DEPENDENCIES = 24;

/**
 * The public API of direct dependencies, as far as their type declarations tell it: what changes
 * only when a version does. Looks at `dependencies` of a root's `package.json`; a linked folder is
 * not followed.
 */
export async function dependencyItems(source: ItemSource): Promise<readonly ContextItem[]> {
  const { budget } = source;
  if (budget.totalTokens < MIN_BUDGET_TOKENS) return [];
  const items: ContextItem[] = [];
  let left = Math.min(budget.leftTokens, Math.floor(budget.totalTokens * SHARE));
  for (const folder of await dependencyFolders(source)) {
    source.signal?.throwIfAborted();
    const item = await declarationItem(source, folder);
    if (item === undefined || item.tokens > left || !budget.take(item.tokens)) continue;
    left -= item.tokens;
    items.push(item);
  }
  return items;
}

const names = v.fallback(v.optional(v.record(v.string(), v.unknown())), undefined);
const Manifest = v.object({ dependencies: names, peerDependencies: names });
const text = v.fallback(v.optional(v.string()), undefined);
const Package = v.object({ types: text, typings: text, exports: v.optional(v.unknown()) });

async function dependencyFolders({ files, paths }: ItemSource): Promise<readonly string[]> {
  const folders: string[] = [];
  for (const root of files.roots.map(({ name }) => rootDirectory(files, name)).sort(byCodeUnits)) {
    const path = joinPath(root, 'package.json');
    if (!paths.includes(path)) continue; // ignored or excluded, or not there
    const manifest = v.safeParse(Manifest, await readJson(files, path));
    if (!manifest.success) continue;
    const { dependencies, peerDependencies } = manifest.output;
    const all = Object.keys({ ...dependencies, ...peerDependencies }).filter(isPackageName);
    for (const name of all.sort(byCodeUnits)) {
      folders.push(joinPath(root, `node_modules/${name}`));
    }
  }
  return folders.slice(0, MAX_DEPENDENCIES);
}

/** Nothing that could lead out of `node_modules`. */
function isPackageName(name: string): boolean {
  return /^(?:@[\w~-][\w.~-]*\/)?[\w~-][\w.~-]*$/u.test(name);
}

async function declarationItem(
  source: ItemSource,
  folder: string,
): Promise<ContextItem | undefined> {
  const path = await declarationPath(source.files, folder);
  if (path === undefined) return undefined;
  const read = await readSourceText(source.files, path);
  if (read.kind === 'useless') return undefined;
  const signatures = await signaturesOf(path, read.text);
  let maxChars = MAX_TOKENS * 4;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const kept = extractStart(signatures, { maxChars, maxLines: MAX_LINES });
    if (kept === '') return undefined;
    const why = 'declares what a dependency offers';
    const item = makeItem({ layer: 'dependencies', path, text: kept, why }, source.countTokens);
    if (item.tokens <= MAX_TOKENS) return item;
    maxChars = Math.floor((kept.length * MAX_TOKENS * 0.9) / item.tokens);
  }
  return undefined;
}

const MAX_ATTEMPTS = 4;
const MAX_LINES = 40;

async function declarationPath(files: ProjectFiles, folder: string): Promise<string | undefined> {
  const manifest = v.safeParse(Package, await readJson(files, joinPath(folder, 'package.json')));
  if (!manifest.success) return undefined;
  const { types, typings, exports } = manifest.output;
  const named = types ?? typings ?? typesIn(exports, 0) ?? 'index.d.ts';
  const parts = named.replace(/^\.\//u, '').split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..')) return undefined;
  return /\.d\.[cm]?ts$/u.test(named) ? joinPath(folder, parts.join('/')) : undefined;
}

/** The first `types` condition of the main export, however deep it stands. */
function typesIn(exports: unknown, depth: number): string | undefined {
  if (typeof exports !== 'object' || exports === null || depth > 4) return undefined;
  const conditions = exports as Readonly<Record<string, unknown>>;
  const { types } = conditions;
  if (typeof types === 'string') return types;
  for (const key of ['.', 'import', 'default', 'require', 'node', 'types']) {
    const found = typesIn(conditions[key], depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

const MAX_MANIFEST_BYTES = 256 * 1024;

async function readJson(files: ProjectFiles, path: string): Promise<unknown> {
  const bytes = await files.read(path, MAX_MANIFEST_BYTES + 1);
  if (bytes === undefined || bytes.length > MAX_MANIFEST_BYTES) return undefined;
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined; // shown as it is in its own layer
  }
}
