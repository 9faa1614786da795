import { chmod, lstat, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { lstatIfPresent } from '../../src/cache/files.ts';
import type { Manifest } from '../../src/cache/manifest.ts';
import type { RejectReason } from '../../src/cache/rejectReason.ts';
import { manifestPath } from '../../src/cache/sessionName.ts';
import { StoreFixture } from './storeFixture.ts';
import { baseIdOf, otherFingerprint, publish, put } from './storeValues.ts';

const fixture = new StoreFixture();
const baseId = baseIdOf('a');
const otherBaseId = baseIdOf('b');
type Damage = (path: string) => Promise<void>;

/** Damages a published base; the next look-up must be a miss for this reason, and nothing must be left. */
const damages: readonly [string, RejectReason, Damage][] = [
  ['a byte too few', 'wrong-size', (path) => truncate(path, 999)],
  ['a byte too many', 'wrong-size', (path) => truncate(path, 1001)],
  ['no session file', 'session-missing', (path) => rm(path)],
  ['an empty manifest', 'manifest-invalid', (path) => writeFile(manifestPath(path), '')],
  ['garbage for a manifest', 'manifest-invalid', (path) => writeFile(manifestPath(path), '{"a":')],
  ['JSON of another kind', 'manifest-invalid', (path) => writeFile(manifestPath(path), '[1]')],
  ['a huge manifest', 'manifest-invalid', (path) => truncate(manifestPath(path), 1e6)],
  ['another version', 'manifest-invalid', (path) => edit(path, { version: 2 })],
  ['a negative count', 'manifest-invalid', (path) => edit(path, { tokens: -1 })],
  ['an unclean base', 'manifest-invalid', (path) => edit(path, { clean: false })],
  ['another size', 'wrong-size', (path) => edit(path, { sizeBytes: 1 })],
  [
    'another fingerprint',
    'wrong-fingerprint',
    (path) => edit(path, { fingerprint: otherFingerprint }),
  ],
  ['another workspace', 'wrong-workspace', (path) => edit(path, { workspace: 'file:///other' })],
  ['another base id', 'wrong-name', (path) => edit(path, { baseId: otherBaseId })],
  ['access for others', 'not-private', (path) => chmod(path, 0o640)],
  ['a link', 'not-regular', (path) => replaceByLink(path)],
  ['a link for a manifest', 'manifest-unreadable', (path) => replaceByLink(manifestPath(path))],
];

describe('a session with', () => {
  test.each(damages)('%s is a miss', async (_what, reason, damage) => {
    const store = await fixture.open();
    const { path } = await publish(store, baseId);
    await damage(path);
    expect(await store.findBase(baseId)).toBeUndefined();
    expect(store.counters).toMatchObject({ hits: 0, misses: 1, rejected: { [reason]: 1 } });
    expect(await lstatIfPresent(path)).toBeUndefined();
    expect(await lstatIfPresent(manifestPath(path))).toBeUndefined();
    expect(fixture.messages.join('\n')).toContain(reason);
    expect(await store.findBase(baseId)).toBeUndefined();
    expect(store.counters.rejected).toEqual({ [reason]: 1 });
  });

  test.each(damages)('%s is passed over for another base', async (_what, reason, damage) => {
    const store = await fixture.open();
    await publish(store, otherBaseId);
    fixture.advance(1);
    const { path } = await publish(store, baseId);
    await damage(path);
    expect((await store.newestBase())?.manifest.baseId).toBe(otherBaseId);
    const isSeen = reason !== 'session-missing'; // which is left to the next eviction
    expect(store.counters.rejected).toEqual(isSeen ? { [reason]: 1 } : {});
    await store.evict({ mapped: new Set() });
  });

  test('any doubt is kept aside if so wished', async () => {
    const store = await fixture.open({ keepRejected: true });
    const { path } = await publish(store, baseId);
    const bytes = await readFile(path);
    await store.reject(path, 'bad-checksum', 'expected 1, found 2');
    expect(await store.findBase(baseId)).toBeUndefined();
    expect(await readFile(`${path}.rejected`)).toEqual(bytes);
    expect(await lstatIfPresent(`${manifestPath(path)}.rejected`)).toBeDefined();
    expect(fixture.messages.join()).toContain('bad-checksum: expected 1, found 2');
    await publish(store, baseId, 10);
    await store.reject(path, 'bad-format');
    expect(await readFile(`${path}.rejected`)).toHaveLength(10);
    expect(store.counters.rejected).toEqual({ 'bad-checksum': 1, 'bad-format': 1 });
    await store.reject(path, 'bad-format'); // absent by now
  });

  test('no manifest is absent but stays, since it may be in the making', async () => {
    const store = await fixture.open();
    const { path } = await store.baseFiles(baseId);
    await put(path, 'x');
    expect(await store.findBase(baseId)).toBeUndefined();
    expect(await store.newestBase()).toBeUndefined();
    expect(store.counters.rejected).toEqual({});
    expect(await lstatIfPresent(path)).toBeDefined();
    await store.remove({ kind: 'base', baseId });
  });
});

describe('the check', () => {
  const disorders: readonly [string, Damage][] = [
    ...damages.map(([what, , damage]): [string, Damage] => [what, damage]),
    ['no manifest', (path) => rm(manifestPath(path))],
    ['a stray file', (path) => put(`${path}.bak`, '')],
    ['cells without a base', (path) => put(join(path, '..', `base-${otherBaseId}.cells`), '')],
    ['a leftover of a dead process', (path) => put(`${path}.999999999.0123abcd.tmp`, '')],
    ['a manifest open to others', (path) => chmod(manifestPath(path), 0o644)],
    ['a directory open to others', (path) => chmod(join(path, '..'), 0o755)],
  ];

  test.each(disorders)('sees %s', async (_what, damage) => {
    fixture.leaveDisorder();
    const store = await fixture.open();
    const { path } = await publish(store, baseId);
    expect(await store.check()).toEqual([]);
    await damage(path);
    expect(await store.check()).not.toEqual([]);
  });
});

async function edit(path: string, change: Partial<Record<keyof Manifest, unknown>>): Promise<void> {
  const text = await readFile(manifestPath(path), 'utf8');
  const manifest = JSON.parse(text) as object; // written by the store
  await writeFile(manifestPath(path), JSON.stringify({ ...manifest, ...change }));
}

async function replaceByLink(path: string): Promise<void> {
  const target = fixture.outside;
  await rename(path, target);
  await symlink(target, path);
  expect((await lstat(path)).isSymbolicLink()).toBe(true);
}
