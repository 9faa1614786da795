import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

import * as v from 'valibot';

import type { KeptFacts, SeenFile } from './factsCache.ts';
import { FACTS_VERSION, type FileFacts } from './fileFacts.ts';

/**
 * Facts that were kept at an earlier run; none when the file is absent, of another version or
 * damaged: then every file is parsed again.
 */
export async function readFacts(path: string): Promise<KeptFacts | undefined> {
  try {
    const kept = v.parse(Kept, JSON.parse(await readFile(path, 'utf8')));
    return kept.version === FACTS_VERSION ? { facts: kept.entries, seen: kept.seen } : undefined;
  } catch {
    // A cache miss is no error.
    return undefined;
  }
}

/** Replaces the file; readable by its owner only, since it tells what is in the project. */
export async function writeFacts(path: string, { facts, seen }: KeptFacts): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${String(process.pid)}.tmp`;
  try {
    const text = JSON.stringify({ version: FACTS_VERSION, entries: [...facts], seen: [...seen] });
    await writeFile(temporary, text, { mode: 0o600 });
    await chmod(temporary, 0o600);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** By hand: a schema for each of 20,000 entries takes seconds. */
function isEntry(entry: unknown): entry is readonly [string, FileFacts] {
  if (!Array.isArray(entry) || typeof entry[0] !== 'string') return false;
  const { kind, reason, nChars, imports, signatures } = (entry[1] ?? {}) as Loose;
  if (kind === 'useless') return typeof reason === 'string';
  const { relative, names } = (imports ?? {}) as Loose;
  const isText = kind === 'text' && typeof nChars === 'number' && typeof signatures === 'string';
  return isText && isTexts(relative) && isTexts(names);
}

function isSeen(entry: unknown): entry is readonly [string, SeenFile] {
  if (!Array.isArray(entry) || typeof entry[0] !== 'string') return false;
  const { stamp, key } = (entry[1] ?? {}) as Loose;
  return typeof stamp === 'string' && typeof key === 'string';
}

type Loose = Readonly<Record<string, unknown>>;

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function listOf<T>(isOne: (value: unknown) => value is T) {
  return v.custom<readonly T[]>((value) => Array.isArray(value) && value.every(isOne));
}

const Kept = v.object({ version: v.number(), entries: listOf(isEntry), seen: listOf(isSeen) });
