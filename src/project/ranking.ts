import { centrality } from './centrality.ts';
import { roleOf } from './fileKinds.ts';
import type { Imports } from './findImports.ts';
import { importGraph, type ImportGraph } from './importGraph.ts';

/** What the imports of all files say about each. */
export interface Ranks {
  readonly graph: ImportGraph;
  /** See `centrality`. Imports by tests do not count: tests import what they test, whether it matters or not. */
  readonly central: ReadonlyMap<string, number>;
  /** How many files import one, namesakes counted in parts. */
  readonly importers: ReadonlyMap<string, number>;
}

type AllImports = ReadonlyMap<string, Imports>;

/** Ranks files, and keeps the ranks while nobody imports anything else: most edits change no import. */
export class Ranking {
  #last: { readonly imports: AllImports; readonly ranks: Ranks } | undefined;
  #made = 0;

  /** How many times ranks were made. */
  get made(): number {
    return this.#made;
  }

  of(imports: AllImports): Ranks {
    if (this.#last === undefined || !areSame(this.#last.imports, imports)) {
      this.#made++;
      this.#last = { imports, ranks: ranksOf(imports) };
    }
    return this.#last.ranks;
  }
}

function ranksOf(imports: AllImports): Ranks {
  const graph = importGraph(imports);
  const leaning = new Map(
    [...graph].map(([path, targets]) => [path, roleOf(path) === 'test' ? NOTHING : targets]),
  );
  const importers = new Map<string, number>();
  for (const targets of graph.values()) {
    for (const [path, share] of targets) importers.set(path, (importers.get(path) ?? 0) + share);
  }
  return { graph, central: centrality(leaning), importers };
}

const NOTHING: ReadonlyMap<string, number> = new Map();

function areSame(left: AllImports, right: AllImports): boolean {
  if (left.size !== right.size) return false;
  for (const [path, imports] of right) {
    const other = left.get(path);
    if (other === undefined || (other !== imports && !areSameImports(other, imports))) return false;
  }
  return true;
}

function areSameImports(left: Imports, right: Imports): boolean {
  return areSameLists(left.relative, right.relative) && areSameLists(left.names, right.names);
}

function areSameLists(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((one, at) => one === right[at]);
}
