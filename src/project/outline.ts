import { centrality } from './centrality.ts';
import { FactsCache } from './factsCache.ts';
import { roleOf, type FileRole } from './fileKinds.ts';
import type { ProjectFiles } from './projectFiles.ts';
import type { Ranking } from './ranking.ts';
import { scanProject, type LeftOut } from './scan.ts';
import { surveyFiles, type TextFacts } from './survey.ts';

/** One readable file and what it means to the project. */
export interface OutlinedFile {
  readonly path: string;
  readonly nChars: number;
  readonly role: FileRole;
  /** 1 is the average; see `centrality`. */
  readonly centrality: number;
  /** The same, seen from what the person works on. */
  readonly relevance: number;
  /** How many files import it, namesakes counted in parts. */
  readonly importers: number;
  /** How many files of the project it imports. */
  readonly imported: number;
  readonly signatures: string;
}

/** Everything that is chosen from, before a token is counted. Plain data. */
export interface ProjectOutline {
  /** What may be shown, judged by paths only, sorted. */
  readonly paths: readonly string[];
  /** Sorted by path. */
  readonly files: readonly OutlinedFile[];
  readonly leftOut: readonly LeftOut[];
  /** See `ScanResult`. */
  readonly rules: string;
  /** Files that were not in the cache. */
  readonly parsed: number;
  /** Files that had to be read to know that. */
  readonly read: number;
}

/** What decides about an outline. Plain data, but for the signal. */
export interface OutlineOptions {
  /** Globs of `files.exclude` that are true. */
  readonly filesExclude: readonly string[];
  /** Globs that a person excluded from the context. */
  readonly exclude?: readonly string[];
  /** False: rules files (`AGENTS.md`, …) are not read. */
  readonly trusted?: boolean;
  /** Files that were opened or edited of late, in any order. Not passed by the engine: bench/project/README.md has why. */
  readonly workedOn?: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/** Scans, reads and ranks a project. The same tree gives the same outline. */
export async function outlineProject(
  files: ProjectFiles,
  options: OutlineOptions,
  cache: FactsCache = new FactsCache(),
): Promise<ProjectOutline> {
  const { signal, workedOn = [] } = options;
  const scan = await scanProject(files, options);
  const survey = await surveyFiles({ files, paths: scan.paths, cache, signal });
  const { parsed, read } = cache;
  cache.sweep();
  return {
    paths: scan.paths,
    files: outlined(survey.facts, workedOn, cache.ranking),
    leftOut: [...scan.leftOut, ...survey.leftOut],
    rules: scan.rules,
    ...{ parsed, read },
  };
}

function outlined(
  facts: ReadonlyMap<string, TextFacts>,
  workedOn: readonly string[],
  ranking: Ranking,
): readonly OutlinedFile[] {
  const { graph, central, importers } = ranking.of(
    new Map([...facts].map(([path, { imports }]) => [path, imports])),
  );
  const relevant = workedOn.length === 0 ? central : centrality(graph, workedOn);
  return [...facts].map(([path, { nChars, signatures }]) => ({
    path,
    nChars,
    role: roleOf(path),
    centrality: central.get(path) ?? 0,
    relevance: relevant.get(path) ?? 0,
    importers: importers.get(path) ?? 0,
    imported: graph.get(path)?.size ?? 0,
    signatures,
  }));
}
