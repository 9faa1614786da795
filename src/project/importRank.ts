import { joinPath } from './projectFiles.ts';

/** What one file's import lines mention. */
export interface Imports {
  /** Quoted specifiers that begin with a dot, as written. */
  readonly relative: readonly string[];
  /** Every other word in import lines. */
  readonly words: readonly string[];
}

/**
 * What a file imports, found by the look of its lines in any of the common languages. Only a
 * heuristic: it ranks files and proves nothing.
 */
export function findImports(text: string): Imports {
  const relative = new Set<string>();
  const words = new Set<string>();
  for (const line of text.split('\n')) {
    if (line.length > MAX_LINE || !IMPORT_LINE.test(line)) continue;
    for (const match of line.matchAll(/["'<]([\w@./\\ -]+)["'>]/gu)) {
      const specifier = match[1] ?? '';
      if (specifier.startsWith('.') || INCLUDE.test(line)) relative.add(specifier);
    }
    const rest = line.replace(/["']\.[^"']*["']/gu, '');
    for (const word of rest.match(/[\p{L}_][\p{L}\p{N}_-]*/gu) ?? []) words.add(word);
  }
  return { relative: [...relative], words: [...words] };
}

const MAX_LINE = 400;

const IMPORT_LINE =
  /^\s*(?:(?:pub(?:\([a-z]+\))?\s+|export\s+)?(?:import|from|use|using|mod|include|require|require_relative|load|open|source)\b|#\s*(?:include|import)\b|export\s.*\bfrom\b|\}?.*\bfrom\s+["']|.*\b(?:require|import)\s*\(\s*["']|["'][\w./-]+["']$)/u;

const INCLUDE = /^\s*#\s*(?:include|import)\b|require_relative/u;

/**
 * How many other files mention each file in their import lines. A relative specifier counts for
 * the file it leads to; a word counts for the files of that name, shared between them.
 */
export function countMentions(imports: ReadonlyMap<string, Imports>): ReadonlyMap<string, number> {
  const paths = [...imports.keys()];
  const byName = groupBy(paths, nameOf);
  const mentions = new Map(paths.map((path) => [path, 0]));
  for (const [path, found] of imports) {
    for (const [target, share] of targetsOf(path, found, byName, imports)) {
      mentions.set(target, (mentions.get(target) ?? 0) + share);
    }
  }
  return mentions;
}

function targetsOf(
  path: string,
  found: Imports,
  byName: ReadonlyMap<string, readonly string[]>,
  known: ReadonlyMap<string, unknown>,
): ReadonlyMap<string, number> {
  const targets = new Map<string, number>();
  for (const word of found.words) {
    const named = byName.get(word) ?? [];
    for (const target of named) targets.set(target, 1 / named.length);
  }
  for (const specifier of found.relative) {
    const target = resolve(path, specifier).find((one) => known.has(one));
    if (target !== undefined) targets.set(target, 1);
  }
  targets.delete(path);
  return targets;
}

/** Where a relative specifier may lead, the likeliest first. */
function resolve(from: string, specifier: string): readonly string[] {
  const parts = from.split('/').slice(0, -1);
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  const path = parts.join('/');
  const stem = path.replace(/\.[cm]?jsx?$/u, '');
  const endings = EXTENSIONS.map((extension) => stem + extension);
  return [path, ...endings, ...EXTENSIONS.map((extension) => joinPath(path, `index${extension}`))];
}

const EXTENSIONS = [
  '.ts',
  '.tsx',
  '.mts',
  '.cts',
  '.d.ts',
  '.js',
  '.jsx',
  '.mjs',
  '.cjs',
  '.vue',
].concat(['.svelte', '.rb', '.py', '.json']);

/** The word by which other files mention a file: its name, or its folder's for an entry file. */
function nameOf(path: string): string {
  const parts = path.split('/');
  const stem = (parts.pop() ?? '').replace(/\.[^.]*$/u, '');
  const isEntry = /^(?:index|mod|__init__|lib|main)$/u.test(stem);
  return isEntry ? (parts.pop() ?? stem) : stem;
}

function groupBy(
  paths: readonly string[],
  keyOf: (path: string) => string,
): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const path of paths) {
    const group = groups.get(keyOf(path));
    if (group === undefined) groups.set(keyOf(path), [path]);
    else group.push(path);
  }
  return groups;
}
