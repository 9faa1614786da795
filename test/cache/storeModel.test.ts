import { mkdtemp, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { recentUseMs } from '../../src/cache/eviction.ts';
import { evictionRank } from '../../src/cache/evictionOrder.ts';
import type { SessionEntry } from '../../src/cache/sessionEntry.ts';
import type { SessionName } from '../../src/cache/sessionName.ts';
import { SessionStore } from '../../src/cache/store.ts';
import { baseIdOf, fingerprint, publish, saveOverlay, workspace } from './storeValues.ts';

// Random operations on a real store, beside a Map that says what must be found. The Map follows evictions
// by reading what is left, after checking that the right ones went.

const budgetBytes = 12_000;
const names: readonly SessionName[] = [
  ...['0', '1', '2'].map((base) => ({ kind: 'base', baseId: baseIdOf(base) }) as const),
  ...['a', 'b', 'c'].map((uri) => ({ kind: 'file', uri }) as const),
  ...['x', 'y'].map((chatId) => ({ kind: 'chat', chatId }) as const),
];

const name = fc.nat(names.length - 1);
const base = fc.nat(2).map((index) => baseIdOf(`${index}`));
const operation = fc.oneof(
  fc.record({
    do: fc.constant('save' as const),
    name,
    base,
    sizeBytes: fc.integer({ min: 1, max: 3000 }),
    costMs: fc.nat(20_000),
  }),
  fc.record({ do: fc.constant('find' as const), name, base }),
  fc.record({ do: fc.constant('newest' as const) }),
  fc.record({ do: fc.constant('remove' as const), name }),
  fc.record({ do: fc.constant('reject' as const), name }),
  fc.record({ do: fc.constant('damage' as const), name }),
  fc.record({ do: fc.constant('evict' as const), mapped: fc.subarray(names.map((_, i) => i)) }),
  fc.record({ do: fc.constant('reopen' as const) }),
  fc.record({ do: fc.constant('clear' as const) }),
);
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

interface Expected {
  readonly name: SessionName;
  readonly baseId: string;
  readonly sizeBytes: number;
  readonly costMs: number;
  usedAt: number;
  damaged: boolean;
}

class Pair {
  readonly #root: string;
  readonly #expected = new Map<number, Expected>();
  #nowMs = Date.now();
  #store: SessionStore;

  private constructor(root: string, store: SessionStore) {
    this.#root = root;
    this.#store = store;
  }

  static async create(root: string): Promise<Pair> {
    const pair = new Pair(root, await openStore(root, Date.now));
    await pair.#reopen();
    return pair;
  }

  async run(step: Operation): Promise<void> {
    this.#nowMs += 1 + (step.do.length % 3) * 1000;
    if (step.do === 'save') await this.#save(step);
    else if (step.do === 'find') await this.#find(step.name, step.base);
    else if (step.do === 'newest') await this.#newest();
    else if (step.do === 'remove') await this.#remove(step.name);
    else if (step.do === 'reject') await this.#reject(step.name);
    else if (step.do === 'damage') await this.#damage(step.name);
    else if (step.do === 'evict') await this.#evict(step.mapped);
    else if (step.do === 'reopen') await this.#reopen();
    else await this.#clear();
  }

  /** Every session is found or not found as the Map says, with the right contents. */
  async finish(): Promise<void> {
    for (const [index, { baseId }] of [...this.#expected]) await this.#find(index, baseId);
    await this.#compareList();
    expect(await this.#store.check()).toEqual([]);
  }

  async #save(step: Extract<Operation, { do: 'save' }>): Promise<void> {
    const target = nameAt(step.name);
    const { sizeBytes, costMs } = step;
    const present = this.#expected.get(step.name);
    if (target.kind === 'base') {
      await publish(this.#store, target.baseId, sizeBytes, costMs);
      if (present?.damaged === false) {
        present.usedAt = this.#nowMs; // a published base stays as it is
        return;
      }
    } else await saveOverlay(this.#store, target, step.base, sizeBytes);
    const baseId = target.kind === 'base' ? target.baseId : step.base;
    const usedAt = this.#nowMs;
    this.#expected.set(step.name, {
      name: target,
      baseId,
      sizeBytes,
      costMs,
      usedAt,
      damaged: false,
    });
  }

  async #find(index: number, baseId: string): Promise<void> {
    const target = nameAt(index);
    const present = this.#expected.get(index);
    const isHit =
      present?.damaged === false && (target.kind === 'base' || present.baseId === baseId);
    const before = this.#store.counters;
    const entry = await this.#lookUp(target, baseId);
    expect(this.#store.counters.hits - before.hits).toBe(isHit ? 1 : 0);
    expect(this.#store.counters.misses - before.misses).toBe(isHit ? 0 : 1);
    if (isHit) {
      expectEntry(entry, present);
      present.usedAt = this.#nowMs;
    } else {
      expect(entry).toBeUndefined();
      this.#expected.delete(index);
    }
  }

  async #lookUp(target: SessionName, baseId: string): Promise<SessionEntry | undefined> {
    if (target.kind === 'base') return this.#store.findBase(target.baseId);
    if (target.kind === 'file') return this.#store.fileSession(target.uri, baseId);
    return this.#store.chatSession(target.chatId, baseId);
  }

  async #newest(): Promise<void> {
    const entry = await this.#store.newestBase();
    for (const [
      index,
      {
        name: { kind },
        damaged,
      },
    ] of [...this.#expected]) {
      if (kind === 'base' && damaged) this.#expected.delete(index);
    }
    const bases = [...this.#expected.values()].filter((one) => one.name.kind === 'base');
    const newest = Math.max(...bases.map(({ usedAt }) => usedAt));
    const expected = bases.find(({ baseId }) => baseId === entry?.manifest.baseId);
    expect(entry === undefined).toBe(bases.length === 0);
    if (expected === undefined) return;
    expect(expected.usedAt).toBe(newest);
    expectEntry(entry, expected);
    expected.usedAt = this.#nowMs;
  }

  async #remove(index: number): Promise<void> {
    expect(await this.#store.remove(nameAt(index))).toBe(this.#expected.delete(index));
  }

  async #reject(index: number): Promise<void> {
    await this.#store.reject(await this.#store.sessionPath(nameAt(index)), 'bad-checksum');
    this.#expected.delete(index);
  }

  async #damage(index: number): Promise<void> {
    const present = this.#expected.get(index);
    if (present === undefined) return;
    await truncate(await this.#store.sessionPath(present.name), 0);
    present.damaged = true;
  }

  async #evict(indices: readonly number[]): Promise<void> {
    const paths = await Promise.all(indices.map((i) => this.#store.sessionPath(nameAt(i))));
    const eviction = await this.#store.evict({ mapped: new Set(paths) });
    for (const index of indices) {
      const mapped = this.#expected.get(index);
      if (mapped !== undefined) mapped.usedAt = this.#nowMs;
    }
    const left = await this.#indicesLeft();
    const gone = [...this.#expected.keys()].filter((index) => !left.has(index));
    expect(eviction.removed).toBe(gone.length);
    expect(gone.filter((index) => indices.includes(index))).toEqual([]);

    const free = [...left].filter((index) => !indices.includes(index));
    const lastGone = Math.max(...gone.map((index) => this.#rank(index)));
    for (const index of free) expect(this.#rank(index)).toBeGreaterThanOrEqual(lastGone);
    const { bytes } = await this.#store.diskUsage();
    expect(eviction.bytesLeft).toBe(bytes);
    if (free.length > 0) expect(bytes).toBeLessThanOrEqual(budgetBytes);
    for (const index of gone) this.#expected.delete(index);
  }

  /** Looks for the files themselves, so that damaged sessions are seen, too. */
  async #indicesLeft(): Promise<ReadonlySet<number>> {
    const left = new Set<number>();
    for (const index of this.#expected.keys()) {
      const path = await this.#store.sessionPath(nameAt(index));
      if (await stat(path).catch(() => undefined)) left.add(index);
    }
    return left;
  }

  #rank(index: number): number {
    const expected = this.#expected.get(index);
    if (expected === undefined) throw new Error('no such session');
    const { costMs: rebuildCostMs, usedAt } = expected;
    return evictionRank({ kind: expected.name.kind, path: '', rebuildCostMs, usedAt });
  }

  /** Another start: what was used before is not this store's own use any more. */
  async #reopen(): Promise<void> {
    this.#nowMs += recentUseMs;
    this.#store = await openStore(this.#root, () => this.#nowMs);
    await this.#compareList();
  }

  async #clear(): Promise<void> {
    expect((await this.#store.clear()).removed).toBe(this.#expected.size);
    this.#expected.clear();
  }

  async #compareList(): Promise<void> {
    const list = await this.#store.list();
    const usable = [...this.#expected.values()].filter(({ damaged }) => !damaged);
    expect(list).toHaveLength(usable.length);
    expect(list.map(({ usedAt }) => usedAt)).toEqual(
      usable.map(({ usedAt }) => usedAt).sort((a, b) => b - a),
    );
  }
}

function expectEntry(entry: SessionEntry | undefined, expected: Expected): void {
  const { name: target, baseId, sizeBytes } = expected;
  expect(entry).toMatchObject({
    clean: true,
    fileBytes: sizeBytes,
    manifest: { ...target, baseId },
  });
}

function nameAt(index: number): SessionName {
  const found = names[index];
  if (found === undefined) throw new Error('no such name');
  return found;
}

async function openStore(root: string, now: () => number): Promise<SessionStore> {
  const keepRejected = false;
  const log = () => undefined;
  return SessionStore.open({ root, fingerprint, workspace, budgetBytes, keepRejected, log, now });
}

test('a store does what a Map does', async () => {
  const seed = Number(process.env['WARMFORK_TEST_SEED'] ?? Date.now() % 2 ** 31);
  console.log(`seed ${seed}`);
  const property = fc.asyncProperty(
    fc.array(operation, { maxLength: 40, size: 'max' }),
    async (operations) => {
      const root = await mkdtemp(join(tmpdir(), 'warmfork-model-'));
      try {
        const pair = await Pair.create(root);
        for (const step of operations) await pair.run(step);
        await pair.finish();
      } finally {
        await rm(root, { recursive: true });
      }
    },
  );
  await fc.assert(property, { seed, numRuns: 60 });
});
