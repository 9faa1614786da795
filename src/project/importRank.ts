import { roleOf } from './fileKinds.ts';
import { joinPath } from './projectFiles.ts';

/** What one file's import lines mention. */
export interface Imports {
  /** Quoted specifiers that are looked for from the file's own folder. */
  readonly relative: readonly string[];
  /** Names that may be those of files: last parts of other specifiers, words of unquoted lines. */
  readonly names: readonly string[];
}

/**
 * What a file imports, found by the look of its lines in any of the common languages. Only a
 * heuristic: it ranks files and proves nothing.
 */
export function findImports(text: string): Imports {
  const relative = new Set<string>();
  const names = new Set<string>();
  for (const line of text.split('\n')) {
    if (line.length > MAX_LINE || !IMPORT_LINE.test(line)) continue;
    const quoted = [...line.matchAll(QUOTED)].map((match) => match[1] ?? '');
    const isRelative = INCLUDE.test(line);
    for (const specifier of quoted) {
      if (isRelative || specifier.startsWith('.')) relative.add(specifier);
      if (isRelative || specifier.includes('/')) names.add(lastPart(specifier));
    }
    if (quoted.length > 0 || line.includes('<')) continue;
    for (const word of line.match(WORD) ?? []) if (!KEYWORDS.has(word)) names.add(word);
  }
  return { relative: [...relative], names: [...names] };
}

const QUOTED = /["']([\w@.$~#/\\ +-]+)["']/gu;
const WORD = /[\p{L}_][\p{L}\p{N}_]*/gu;

const KEYWORDS: ReadonlySet<string> = new Set([
  ...['import', 'from', 'type', 'use', 'using', 'mod', 'as', 'static', 'pub', 'crate', 'self'],
  ...['super', 'export', 'default', 'require', 'include', 'package', 'open', 'load', 'source'],
  ...['namespace', 'function', 'const', 'final', 'global', 'typeof', 'java', 'org', 'com', 'std'],
]);

const MAX_LINE = 400;

const IMPORT_LINE =
  /^\s*(?:(?:pub(?:\([a-z]+\))?\s+|export\s+)?(?:import|from|use|using|mod|include|require|require_relative|load|open|source)\b|#\s*(?:include|import)\b|export\s.*\bfrom\b|\}?.*\bfrom\s+["']|.*\b(?:require|import)\s*\(\s*["']|["'][\w./-]+["']$)/u;

/** Lines whose quoted names are looked for beside the file, then along a search path. */
const INCLUDE = /^\s*#\s*(?:include|import)\b|require_relative/u;

/**
 * How many other files mention each source file in their import lines. A relative specifier counts
 * for the file it leads to; a mere name counts for the files of that name, shared between them.
 */
export function countMentions(imports: ReadonlyMap<string, Imports>): ReadonlyMap<string, number> {
  const sources = new Set([...imports.keys()].filter((path) => roleOf(path) !== 'other'));
  const byName = groupByNames(sources);
  const mentions = new Map<string, number>();
  for (const [path, found] of imports) {
    for (const [target, share] of targetsOf(path, found, { sources, byName })) {
      mentions.set(target, (mentions.get(target) ?? 0) + share);
    }
  }
  return mentions;
}

interface Known {
  readonly sources: ReadonlySet<string>;
  readonly byName: ReadonlyMap<string, readonly string[]>;
}

function targetsOf(path: string, found: Imports, known: Known): ReadonlyMap<string, number> {
  const targets = new Map<string, number>();
  const resolvedNames = new Set<string>();
  for (const specifier of found.relative) {
    const target = resolve(path, specifier).find((one) => known.sources.has(one));
    if (target === undefined) continue;
    targets.set(target, 1);
    resolvedNames.add(lastPart(specifier));
  }
  for (const name of found.names) {
    if (resolvedNames.has(name)) continue;
    const named = known.byName.get(name) ?? [];
    for (const target of named) if (!targets.has(target)) targets.set(target, 1 / named.length);
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

/** Files by the names others mention them by: with and without extension. */
function groupByNames(paths: ReadonlySet<string>): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const path of paths) {
    for (const name of namesOf(path)) {
      const group = groups.get(name);
      if (group === undefined) groups.set(name, [path]);
      else group.push(path);
    }
  }
  return groups;
}

/** An entry file goes by its folder's name. */
function namesOf(path: string): readonly string[] {
  const parts = path.split('/');
  const name = parts.pop() ?? '';
  const stem = name.replace(/\.[^.]*$/u, '');
  const isEntry = /^(?:index|mod|__init__|lib|main)$/u.test(stem);
  return isEntry ? [parts.pop() ?? stem] : [name, stem];
}

function lastPart(specifier: string): string {
  return specifier.slice(specifier.lastIndexOf('/') + 1);
}
