import { createHash } from 'node:crypto';
import { extname } from 'node:path/posix';

import { factsOf, type FileFacts } from './fileFacts.ts';

/** Facts by content, so that a file that was read before is not parsed again, wherever it lies. */
export class FactsCache {
  #known: Map<string, FileFacts>;
  #used = new Map<string, FileFacts>();
  #parsed = 0;

  constructor(entries: Iterable<readonly [string, FileFacts]> = []) {
    this.#known = new Map(entries);
  }

  /** What is kept. */
  get known(): ReadonlyMap<string, FileFacts> {
    return this.#known;
  }

  /** Files that were not known, since the last `sweep`. */
  get parsed(): number {
    return this.#parsed;
  }

  async facts(path: string, bytes: Uint8Array): Promise<FileFacts> {
    const key = keyOf(path, bytes);
    const known = this.#used.get(key) ?? this.#known.get(key);
    if (known === undefined) this.#parsed++;
    const facts = known ?? (await factsOf(path, bytes));
    this.#used.set(key, facts);
    return facts;
  }

  /** Forgets what was not asked for since the sweep before. */
  sweep(): void {
    this.#known = this.#used;
    this.#used = new Map();
    this.#parsed = 0;
  }
}

/** What a file is taken for depends on its bytes and its ending; data files have no ending at times. */
function keyOf(path: string, bytes: Uint8Array): string {
  const hash = createHash('sha1').update(bytes).digest('base64url');
  return `${hash}${extname(path).toLowerCase()}`;
}
