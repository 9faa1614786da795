import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import { shortHash } from '../../src/cache/tokenHash.ts';
import type { OverlayName } from '../../src/cache/sessionName.ts';
import type { SessionEntry } from '../../src/cache/sessionEntry.ts';
import { SessionStore } from '../../src/cache/store.ts';
import type { SessionFacts, StoreOptions } from '../../src/cache/storeTypes.ts';

export const fingerprint = shortHash('fingerprint');
export const otherFingerprint = shortHash('another fingerprint');
export const workspace = 'file:///home/ann/project';
export const engineVersion = '0.1.0';

/** A base id made of any text. */
export const baseIdOf = (text: string): string => shortHash('base', text);

/** Facts of a session of `sizeBytes` bytes on the base `baseId`. */
export function factsOf(baseId: string, sizeBytes: number, rebuildCostMs = 0): SessionFacts {
  const tokensHash = shortHash('tokens');
  return { baseId, tokens: 7, tokensHash, sizeBytes, checksum: 'c', engineVersion, rebuildCostMs };
}

/** Stores in a fresh directory for each test; after each the directory must be in order. */
export class StoreFixture {
  root = '';
  readonly messages: string[] = [];
  #nowMs = 0;
  #expectOrder = true;

  constructor() {
    beforeEach(async () => {
      this.root = await mkdtemp(join(tmpdir(), 'warmfork-cache-'));
      this.messages.length = 0;
      this.#nowMs = Date.now();
      this.#expectOrder = true;
    });
    afterEach(async () => {
      const store = await this.open();
      const problems = await store.check();
      await rm(this.root, { recursive: true });
      if (this.#expectOrder) expect(problems).toEqual([]);
    });
  }

  /** Moves the clock of every store of this test. */
  advance(ms: number): void {
    this.#nowMs += ms;
  }

  get now(): number {
    return this.#nowMs;
  }

  /** For tests that leave disorder on purpose and check that it is seen. */
  leaveDisorder(): void {
    this.#expectOrder = false;
  }

  async open(options: Partial<StoreOptions> = {}): Promise<SessionStore> {
    return SessionStore.open({
      root: this.root,
      fingerprint,
      workspace,
      budgetBytes: 1e9,
      keepRejected: false,
      log: (message) => this.messages.push(message),
      now: () => this.#nowMs,
      ...options,
    });
  }
}

/** Publishes a base of `sizeBytes` bytes. */
export async function publish(
  store: SessionStore,
  baseId: string,
  sizeBytes = 1000,
  rebuildCostMs = 0,
): Promise<SessionEntry> {
  const { temporaryPath } = await store.baseFiles(baseId);
  await writeFile(temporaryPath, Buffer.alloc(sizeBytes, baseId), { mode: 0o600 });
  return store.publishBase(temporaryPath, factsOf(baseId, sizeBytes, rebuildCostMs));
}

/** Writes and commits an overlay of `sizeBytes` bytes. */
export async function saveOverlay(
  store: SessionStore,
  name: OverlayName,
  baseId: string,
  sizeBytes = 100,
): Promise<SessionEntry> {
  const path = await store.sessionPath(name);
  await store.markUnclean(path);
  await writeFile(path, Buffer.alloc(sizeBytes, 'overlay'), { mode: 0o600 });
  const entry = await store.commit(name, factsOf(baseId, sizeBytes, sizeBytes));
  if (entry === undefined) throw new Error('the overlay vanished');
  return entry;
}

/** Puts any bytes anywhere. */
export async function put(path: string, content: string | Buffer, mode = 0o600): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(path, content, { mode });
}
