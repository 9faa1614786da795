import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

import * as v from 'valibot';

import { FACTS_VERSION, type FileFacts } from './fileFacts.ts';

/**
 * Facts that were kept at an earlier run; none when the file is absent, of another version or
 * damaged: then every file is parsed again.
 */
export async function readFacts(path: string): Promise<Iterable<readonly [string, FileFacts]>> {
  try {
    const kept = v.parse(KeptFacts, JSON.parse(await readFile(path, 'utf8')));
    return kept.version === FACTS_VERSION ? kept.entries : [];
  } catch {
    // A cache miss is no error.
    return [];
  }
}

/** Replaces the file; readable by its owner only, since it tells what is in the project. */
export async function writeFacts(
  path: string,
  facts: ReadonlyMap<string, FileFacts>,
): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${String(process.pid)}.tmp`;
  try {
    const text = JSON.stringify({ version: FACTS_VERSION, entries: [...facts] });
    await writeFile(temporary, text, { mode: 0o600 });
    await chmod(temporary, 0o600);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

const Useless = v.object({ kind: v.literal('useless'), reason: v.string() });
const Text = v.object({
  kind: v.literal('text'),
  nChars: v.number(),
  imports: v.object({ relative: v.array(v.string()), names: v.array(v.string()) }),
  signatures: v.string(),
});
const Facts = v.custom<FileFacts>((input) => v.is(v.variant('kind', [Useless, Text]), input));
const KeptFacts = v.object({
  version: v.number(),
  entries: v.array(v.tuple([v.string(), Facts])),
});
