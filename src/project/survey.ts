import type { FactsCache } from './factsCache.ts';
import type { FileFacts } from './fileFacts.ts';
import type { ProjectFiles } from './projectFiles.ts';
import { MAX_FILE_BYTES, type LeftOut } from './scan.ts';

/** What was found in the files of a project. */
export interface Survey {
  /** By path, in the order of the paths. */
  readonly facts: ReadonlyMap<string, TextFacts>;
  readonly leftOut: readonly LeftOut[];
}

export type TextFacts = Extract<FileFacts, { kind: 'text' }>;

/** What a survey needs. */
export interface SurveyOptions {
  readonly files: ProjectFiles;
  readonly paths: readonly string[];
  readonly cache: FactsCache;
  readonly signal?: AbortSignal | undefined;
}

/** Files read at the same time; the result does not depend on which is done first. */
const N_PARALLEL = 16;

/** Reads every file that may have changed; what was read before comes from the cache. */
export async function surveyFiles(options: SurveyOptions): Promise<Survey> {
  const facts = new Map<string, TextFacts>();
  const leftOut: LeftOut[] = [];
  for (let at = 0; at < options.paths.length; at += N_PARALLEL) {
    options.signal?.throwIfAborted();
    const batch = options.paths.slice(at, at + N_PARALLEL);
    const found = await Promise.all(batch.map((path) => factsOfFile(options, path)));
    for (const [index, one] of found.entries()) {
      const path = batch[index] ?? '';
      if (one.kind === 'useless') leftOut.push({ path, reason: one.reason });
      else facts.set(path, one);
    }
  }
  return { facts, leftOut };
}

async function factsOfFile({ files, cache }: SurveyOptions, path: string): Promise<FileFacts> {
  const stamp = await files.stamp?.(path);
  const known = cache.unchanged(path, stamp);
  if (known !== undefined) return known;
  const bytes = await files.read(path, MAX_FILE_BYTES + 1);
  if (bytes === undefined) return { kind: 'useless', reason: 'unreadable' };
  return cache.facts(path, bytes, stamp);
}
