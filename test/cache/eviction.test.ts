import { mkdir, rm, stat, truncate, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { outdatedMs, recentUseMs } from '../../src/cache/eviction.ts';
import { evictionRank, inEvictionOrder, maxBaseCreditMs } from '../../src/cache/evictionOrder.ts';
import { lstatIfPresent } from '../../src/cache/files.ts';
import { manifestPath } from '../../src/cache/sessionName.ts';
import type { SessionStore } from '../../src/cache/store.ts';
import { StoreFixture } from './storeFixture.ts';
import { baseIdOf, otherFingerprint, publish, put, saveOverlay } from './storeValues.ts';

const fixture = new StoreFixture();
const baseId = baseIdOf('a');
const dayMs = 24 * 3600 * 1000;
const nothing = { mapped: new Set<string>() };
const fileOf = (name: string) => ({ kind: 'file', uri: `file:///${name}` }) as const;

/** The documents, out of a, b, c, whose sessions exist. */
async function survivors(store: SessionStore): Promise<string> {
  const uris = (await store.list()).map(({ manifest }) =>
    manifest.kind === 'file' ? manifest.uri.slice(-1) : 'B',
  );
  return uris.sort().join('');
}

describe('the order', () => {
  const candidate = { path: '/p', rebuildCostMs: 0 };

  test('puts a base of ten seconds one day later, up to a week', () => {
    const base = { ...candidate, kind: 'base', usedAt: 5 } as const;
    expect(evictionRank({ ...base, rebuildCostMs: 10_000 })).toBe(5 + dayMs);
    expect(evictionRank({ ...base, rebuildCostMs: 1e9 })).toBe(5 + maxBaseCreditMs);
    expect(evictionRank({ ...base, kind: 'file', rebuildCostMs: 10_000 })).toBe(5);
  });

  test('is by rank, then by path', () => {
    const order = inEvictionOrder([
      { kind: 'file', path: '/new', usedAt: 9, rebuildCostMs: 0 },
      { kind: 'base', path: '/base', usedAt: 1, rebuildCostMs: 10_000 },
      { kind: 'chat', path: '/b', usedAt: 2, rebuildCostMs: 0 },
      { kind: 'file', path: '/a', usedAt: 2, rebuildCostMs: 0 },
      { kind: 'rejected', path: '/x.rejected', usedAt: 99, rebuildCostMs: 0 },
      { kind: 'image', path: '/image', usedAt: 98, rebuildCostMs: 0 },
    ]);
    const paths = order.map(({ path }) => path);
    expect(paths).toEqual(['/x.rejected', '/image', '/a', '/b', '/new', '/base']);
  });
});

describe('eviction', () => {
  test('removes what was used longest ago until the budget holds', async () => {
    const store = await fixture.open({ budgetBytes: 4500 });
    for (const name of ['a', 'b', 'c']) {
      await saveOverlay(store, fileOf(name), baseId, 2000);
      fixture.advance(1000);
    }
    await store.fileSession(fileOf('a').uri, baseId); // now the newest
    const eviction = await store.evict(nothing);
    expect(await survivors(store)).toBe('a');
    expect(eviction).toMatchObject({ removed: 2, orphans: 0 });
    const { bytes } = await store.diskUsage();
    expect(eviction.bytesLeft).toBe(bytes);
    expect(bytes).toBeLessThanOrEqual(4500);
    expect(store.counters).toMatchObject({ evicted: 2, evictedBytes: eviction.bytes, bytes });
  });

  test('removes nothing within the budget', async () => {
    const store = await fixture.open();
    await saveOverlay(store, fileOf('a'), baseId);
    fixture.advance(365 * dayMs);
    expect(await store.evict(nothing)).toMatchObject({ removed: 0, orphans: 0 });
    expect(await survivors(store)).toBe('a');
  });

  test('removes what another model or release has not used for a month, and nothing else', async () => {
    const other = await fixture.open({ fingerprint: otherFingerprint });
    await publish(other, baseIdOf('old'));
    await saveOverlay(other, fileOf('o'), baseIdOf('old'));
    const store = await fixture.open();
    await saveOverlay(store, fileOf('a'), baseId);
    fixture.advance(outdatedMs - dayMs);
    await publish(other, baseIdOf('newer'));
    fixture.advance(dayMs);
    const eviction = await store.evict(nothing);
    expect(eviction).toMatchObject({ removed: 2, orphans: 0 });
    expect(eviction.bytesLeft).toBe((await store.diskUsage()).bytes);
    expect(await survivors(store)).toBe('a');
    expect((await other.list()).map(({ manifest }) => manifest.baseId)).toEqual([
      baseIdOf('newer'),
    ]);
    fixture.advance(outdatedMs);
    expect(await store.evict(nothing)).toMatchObject({ removed: 1 });
    expect(await other.list()).toEqual([]);
    expect(await survivors(store)).toBe('a');
  });

  test('keeps an outdated session that is mapped here', async () => {
    const other = await fixture.open({ fingerprint: otherFingerprint });
    const { path } = await publish(other, baseIdOf('old'));
    const store = await fixture.open();
    fixture.advance(outdatedMs);
    expect(await store.evict({ mapped: new Set([path]) })).toMatchObject({ removed: 0 });
    expect(await other.list()).toHaveLength(1);
  });

  test('keeps a base longer than overlays as old, by what it cost', async () => {
    const store = await fixture.open({ budgetBytes: 4000 });
    await publish(store, baseId, 2000, 20_000); // counts as used two days later
    fixture.advance(1.5 * dayMs);
    await saveOverlay(store, fileOf('a'), baseId, 2000);
    await store.evict(nothing);
    expect(await survivors(store)).toBe('B');
    fixture.advance(dayMs);
    await saveOverlay(store, fileOf('b'), baseId, 2000);
    await store.evict(nothing);
    expect(await survivors(store)).toBe('b');
  });

  test('never removes what is mapped, whatever the budget', async () => {
    const store = await fixture.open({ budgetBytes: 0 });
    const base = await publish(store, baseId);
    const { cellsPath, metaPath } = await store.baseFiles(baseId);
    await put(cellsPath, 'cells');
    await put(metaPath, 'meta');
    const overlay = await saveOverlay(store, fileOf('a'), baseId);
    await saveOverlay(store, fileOf('b'), baseId);
    fixture.advance(dayMs);

    const eviction = await store.evict({ mapped: new Set([cellsPath, overlay.path]) });
    expect(await survivors(store)).toBe('Ba');
    expect(await lstatIfPresent(cellsPath)).toBeDefined();
    expect(eviction.bytesLeft).toBe((await store.diskUsage()).bytes);
    expect((await store.list()).map(({ usedAt }) => usedAt)).toEqual([fixture.now, fixture.now]);

    expect(await store.evict({ mapped: new Set([base.path]) })).toMatchObject({ removed: 1 });
    expect(await survivors(store)).toBe('B');
    // The image and its base.
    expect(await store.evict(nothing)).toMatchObject({ removed: 2, bytesLeft: 0 });
    expect(await lstatIfPresent(cellsPath)).toBeUndefined();
    expect(await lstatIfPresent(metaPath)).toBeUndefined();
  });

  test('drops images before any session: they can be derived again', async () => {
    const store = await fixture.open({ budgetBytes: 6000 });
    await saveOverlay(store, fileOf('a'), baseId, 1000);
    fixture.advance(dayMs);
    await publish(store, baseId);
    const { cellsPath, metaPath } = await store.baseFiles(baseId);
    await put(cellsPath, 'c'.repeat(4000));
    await put(metaPath, 'm'.repeat(2000));

    expect(await store.evict(nothing)).toMatchObject({ removed: 1 });
    expect(await lstatIfPresent(cellsPath)).toBeUndefined();
    expect(await lstatIfPresent(metaPath)).toBeUndefined();
    expect(await survivors(store)).toBe('Ba');
  });

  test('counts what a sparse image occupies, not its length', async () => {
    const store = await fixture.open({ budgetBytes: 1e6 });
    await publish(store, baseId);
    const { cellsPath } = await store.baseFiles(baseId);
    await put(cellsPath, '');
    await truncate(cellsPath, 1e9);
    expect(await store.evict(nothing)).toMatchObject({ removed: 0 });
    expect((await store.diskUsage()).bytes).toBeLessThan(1e6);
  });

  test('reaches over all workspaces and fingerprints, but spares what others just used', async () => {
    const store = await fixture.open({ budgetBytes: 0 });
    const neighbour = await fixture.open({ workspace: 'file:///home/bob' });
    const older = await fixture.open({ fingerprint: otherFingerprint });
    for (const other of [neighbour, older]) await publish(other, baseId);
    await publish(store, baseId);
    await saveOverlay(store, fileOf('a'), baseId);
    fixture.advance(1);
    const secondWindow = await fixture.open();
    await secondWindow.fileSession(fileOf('a').uri, baseId);

    expect(await store.evict(nothing)).toMatchObject({ removed: 1 });
    expect(await survivors(store)).toBe('a');
    fixture.advance(recentUseMs);
    await secondWindow.fileSession(fileOf('a').uri, baseId);
    expect(await store.evict(nothing)).toMatchObject({ removed: 2 });
    expect(await neighbour.list()).toEqual([]);
    expect(await older.list()).toEqual([]);
    fixture.advance(recentUseMs);
    expect(await store.evict(nothing)).toMatchObject({ removed: 1, bytesLeft: 0 });
  });

  test('gives the space of rejected sessions first', async () => {
    const store = await fixture.open({ budgetBytes: 3000, keepRejected: true });
    const { path } = await saveOverlay(store, fileOf('a'), baseId, 2000);
    await saveOverlay(store, fileOf('b'), baseId, 2000);
    await store.reject(path, 'bad-format');
    await store.evict(nothing);
    expect(await survivors(store)).toBe('b');
    expect(await lstatIfPresent(`${path}.rejected`)).toBeUndefined();
  });

  test('can evict sessions whose manifest it does not understand', async () => {
    const store = await fixture.open({ budgetBytes: 0 });
    const { path } = await publish(store, baseId, 1000, 1e9);
    await put(manifestPath(path), '{"version":99}');
    await utimes(manifestPath(path), 1, 1);
    expect(await store.evict(nothing)).toMatchObject({ removed: 1, bytesLeft: 0 });
  });
});

describe('what crashes leave', () => {
  const deadName = '4000000.0123abcd.tmp'; // no system has process ids that high

  test('is removed, but not the unfinished files of the living', async () => {
    const store = await fixture.open();
    const { path, temporaryPath, cellsPath } = await store.baseFiles(baseId);
    await put(`${path}.${deadName}`, 'unfinished');
    await put(join(fixture.root, `models.json.${deadName}`), 'unfinished');
    await put(temporaryPath, 'being built');
    await put(cellsPath, 'cells of nothing');
    const gone = await saveOverlay(store, fileOf('a'), baseId);
    await rm(gone.path);

    expect(await store.evict(nothing)).toMatchObject({ orphans: 4, removed: 0 });
    expect(store.counters.orphans).toBe(4);
    expect((await store.diskUsage()).bytes).toBe('being built'.length);
    await rm(temporaryPath);
  });

  test('is removed without manifest only when old, and not mapped', async () => {
    const store = await fixture.open();
    const path = await store.sessionPath(fileOf('a'));
    await put(path, 'x');
    const { mtimeMs } = await stat(path);
    fixture.advance(mtimeMs + recentUseMs - fixture.now - 1000);
    expect(await store.evict(nothing)).toMatchObject({ orphans: 0 });
    fixture.advance(2000);
    expect(await store.evict({ mapped: new Set([path]) })).toMatchObject({ orphans: 0 });
    expect(await store.evict(nothing)).toMatchObject({ orphans: 1 });
    expect(await lstatIfPresent(path)).toBeUndefined();
  });

  test('leaves no empty directories behind, except the one in use', async () => {
    const store = await fixture.open();
    const neighbour = await fixture.open({ workspace: 'file:///home/bob' });
    await mkdir(join(neighbour.directory, 'files'), { mode: 0o700 });
    await store.evict(nothing);
    expect(await lstatIfPresent(neighbour.directory)).toBeDefined();
    fixture.advance(recentUseMs + 1000);
    await store.evict(nothing);
    await store.evict(nothing); // the parent was touched by the removal of its child
    expect(await lstatIfPresent(join(neighbour.directory, 'files'))).toBeUndefined();
    expect(await lstatIfPresent(store.directory)).toBeDefined();
  });
});
