/** Which project text the sessions on a server stand on: one on an old text would push a newer base out of its slot. */
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as v from 'valibot';

const schema = v.record(v.string(), v.string());
/** Of the names that were saved last. */
const maxNames = 200;

export class SlotRecord {
  readonly #file: string;
  readonly #known: Map<string, string>;

  constructor(file: string) {
    this.#file = file;
    this.#known = new Map(Object.entries(read(file)));
  }

  holds(name: string, projectId: string): boolean {
    return this.#known.get(name) === projectId;
  }

  /** What cannot be written is not known next time: that costs time only. */
  async add(name: string, projectId: string): Promise<void> {
    this.#known.delete(name);
    this.#known.set(name, projectId);
    const kept = Object.fromEntries([...this.#known].slice(-maxNames));
    await mkdir(dirname(this.#file), { recursive: true, mode: 0o700 })
      .then(() => writeFile(this.#file, JSON.stringify(kept), { mode: 0o600 }))
      .catch(() => undefined);
  }
}

function read(file: string): Readonly<Record<string, string>> {
  try {
    return v.parse(schema, JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return {};
  }
}
