import { createHash } from 'node:crypto';
import { extname } from 'node:path/posix';

import { factsOf, type FileFacts } from './fileFacts.ts';
import { Ranking } from './ranking.ts';

/** A file as it was when its facts were looked up. */
export interface SeenFile {
  /** See `ProjectFiles.stamp`. */
  readonly stamp: string;
  /** Of its facts. */
  readonly key: string;
}

/** What is kept between runs. */
export interface KeptFacts {
  readonly facts: Iterable<readonly [key: string, FileFacts]>;
  readonly seen: Iterable<readonly [path: string, SeenFile]>;
}

/**
 * Facts by content, so that a file that was read before is not parsed again, wherever it lies; and what each file was like, so
 * that one that did not change is not even read.
 */
export class FactsCache {
  /** What follows from the facts of all files. */
  readonly ranking = new Ranking();
  #known: Map<string, FileFacts>;
  #seen: Map<string, SeenFile>;
  #used = new Map<string, FileFacts>();
  #seenNow = new Map<string, SeenFile>();
  #parsed = 0;
  #read = 0;
  #unwritten = 0;

  constructor({ facts, seen }: KeptFacts = { facts: [], seen: [] }) {
    this.#known = new Map(facts);
    this.#seen = new Map(seen);
  }

  /** What is kept. */
  get known(): ReadonlyMap<string, FileFacts> {
    return this.#known;
  }

  get seen(): ReadonlyMap<string, SeenFile> {
    return this.#seen;
  }

  /** Files that were not known, since the last `sweep`. */
  get parsed(): number {
    return this.#parsed;
  }

  /** Files whose content was looked at, since the last `sweep`. */
  get read(): number {
    return this.#read;
  }

  /** Files of which what was kept last is not what is known now. */
  get unwritten(): number {
    return this.#unwritten;
  }

  /** What is known now has been kept. */
  written(): void {
    this.#unwritten = 0;
  }

  /** Facts of a file that has not changed since it was read; undefined when it has to be read. */
  unchanged(path: string, stamp: string | undefined): FileFacts | undefined {
    const seen = this.#seen.get(path);
    if (seen === undefined || seen.stamp !== stamp) return undefined;
    const facts = this.#used.get(seen.key) ?? this.#known.get(seen.key);
    if (facts === undefined) return undefined;
    this.#used.set(seen.key, facts);
    this.#seenNow.set(path, seen);
    return facts;
  }

  /** Of what was read after the stamp was taken. */
  async facts(path: string, bytes: Uint8Array, stamp?: string): Promise<FileFacts> {
    const key = keyOf(path, bytes);
    this.#read++;
    const known = this.#used.get(key) ?? this.#known.get(key);
    if (known === undefined) this.#parsed++;
    if (known === undefined || stamp !== undefined) this.#unwritten++;
    const facts = known ?? (await factsOf(path, bytes));
    this.#used.set(key, facts);
    if (stamp !== undefined) this.#seenNow.set(path, { stamp, key });
    return facts;
  }

  /** Forgets what was not asked for since the sweep before. */
  sweep(): void {
    this.#known = this.#used;
    this.#seen = this.#seenNow;
    this.#used = new Map();
    this.#seenNow = new Map();
    this.#parsed = 0;
    this.#read = 0;
  }
}

/** What a file is taken for depends on its bytes and its ending; data files have no ending at times. */
function keyOf(path: string, bytes: Uint8Array): string {
  const hash = createHash('sha1').update(bytes).digest('base64url');
  return `${hash}${extname(path).toLowerCase()}`;
}
