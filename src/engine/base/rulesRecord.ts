/** By which rules (ignore files, settings) the content of each base was chosen. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as v from 'valibot';

const maxEntries = 64;
const Kept = v.record(v.string(), v.string());

/** Kept in a file, or only in memory; a base of which nothing is known counts as chosen by other rules. */
export class RulesRecord {
  readonly #file: string | undefined;
  #known: Promise<Record<string, string>> | undefined;

  constructor(file: string | undefined) {
    this.#file = file;
  }

  async rulesOf(baseId: string): Promise<string | undefined> {
    this.#known ??= read(this.#file);
    return (await this.#known)[baseId];
  }

  /** Rejects when the file cannot be written; this process remembers nevertheless. */
  async set(baseId: string, rules: string): Promise<void> {
    if ((await this.rulesOf(baseId)) === rules) return;
    // Another window may have written meanwhile.
    const all = { ...(await this.#known), ...(await read(this.#file)) };
    const others = Object.entries(all).filter(([id]) => id !== baseId);
    const entries = [...others, [baseId, rules] as const].slice(-maxEntries);
    const known = Object.fromEntries(entries);
    this.#known = Promise.resolve(known);
    if (this.#file === undefined) return;
    await mkdir(dirname(this.#file), { recursive: true, mode: 0o700 });
    await writeFile(this.#file, JSON.stringify(known), { mode: 0o600 });
  }
}

async function read(file: string | undefined): Promise<Record<string, string>> {
  if (file === undefined) return {};
  try {
    return v.parse(Kept, JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return {}; // a miss
  }
}
