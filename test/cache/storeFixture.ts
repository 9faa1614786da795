import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import { SessionStore } from '../../src/cache/store.ts';
import type { StoreOptions } from '../../src/cache/storeTypes.ts';
import { fingerprint, workspace } from './storeValues.ts';

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
      await rm(this.outside, { force: true });
      if (this.#expectOrder) expect(problems).toEqual([]);
    });
  }

  /** Moves the clock of every store of this test. */
  advance(ms: number): void {
    this.#nowMs += ms;
  }

  /** A path beside the cache, for a file; removed after the test. */
  get outside(): string {
    return `${this.root}.outside`;
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
