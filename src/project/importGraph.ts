import { roleOf } from './fileKinds.ts';
import { lastPart, type Imports } from './findImports.ts';
import { joinPath } from './projectFiles.ts';

/** Who mentions whom: importing path → imported path → share of one mention. */
export type ImportGraph = ReadonlyMap<string, ReadonlyMap<string, number>>;

/**
 * The source files that each file's import lines lead to. A relative specifier counts for the file
 * it leads to; a mere name counts for the files of that name, shared between them. A file does not
 * import itself.
 */
export function importGraph(imports: ReadonlyMap<string, Imports>): ImportGraph {
  const sources = new Set([...imports.keys()].filter((path) => roleOf(path) !== 'other'));
  const known = { sources, byName: groupByNames(sources) };
  return new Map([...imports].map(([path, found]) => [path, targetsOf(path, found, known)]));
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
