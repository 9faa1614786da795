import {
  chmod,
  chown,
  lchown,
  mkdir,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { lstatIfPresent } from '../../src/cache/files.ts';
import { manifestPath } from '../../src/cache/sessionName.ts';
import { StoreFixture } from './storeFixture.ts';
import {
  baseIdOf,
  factsOf,
  fingerprint,
  otherFingerprint,
  publish,
  put,
  saveOverlay,
  workspace,
} from './storeValues.ts';

const fixture = new StoreFixture();
const baseId = baseIdOf('a');
const otherBaseId = baseIdOf('b');
const uri = 'file:///home/ann/project/src/main.ts';
const file = { kind: 'file', uri } as const;
const chat = { kind: 'chat', chatId: 'chat-1' } as const;
const badArgument = { code: 'ERR_WARMFORK_CACHE_ARGUMENT' };

describe('a round trip', () => {
  test('brings back bases, file sessions and chats after a restart', async () => {
    const store = await fixture.open();
    const base = await publish(store, baseId, 1234, 5000);
    const overlay = await saveOverlay(store, file, baseId, 77);
    const conversation = await saveOverlay(store, chat, baseId, 88);

    const reopened = await fixture.open();
    expect(await reopened.findBase(baseId)).toEqual(base);
    expect(await reopened.newestBase()).toEqual(base);
    expect(await reopened.fileSession(uri, baseId)).toEqual(overlay);
    expect(await reopened.chatSession('chat-1', baseId)).toEqual(conversation);
    expect(reopened.counters).toMatchObject({ hits: 4, misses: 0, rejected: {} });
    expect(base).toMatchObject({
      fileBytes: 1234,
      usedAt: fixture.now,
      clean: true,
      manifest: { kind: 'base', fingerprint, workspace, baseId, rebuildCostMs: 5000, tokens: 7 },
    });
    expect((await reopened.list()).map(({ manifest }) => manifest.kind).sort()).toEqual([
      'base',
      'chat',
      'file',
    ]);
  });

  test('leaves files and directories to their owner alone', async () => {
    const store = await fixture.open();
    const { path } = await publish(store, baseId);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(manifestPath(path))).mode & 0o777).toBe(0o600);
    expect((await stat(store.directory)).mode & 0o777).toBe(0o700);
    const overlay = await store.sessionPath(file);
    await put(overlay, 'x'.repeat(9), 0o644);
    await store.commit(file, factsOf(baseId, 9));
    expect((await stat(overlay)).mode & 0o777).toBe(0o600);
  });

  test('is a counted miss where nothing was kept', async () => {
    const store = await fixture.open();
    expect(await store.findBase(baseId)).toBeUndefined();
    expect(await store.newestBase()).toBeUndefined();
    expect(await store.fileSession(uri, baseId)).toBeUndefined();
    expect(await store.chatSession('chat-1', baseId)).toBeUndefined();
    expect(store.counters).toMatchObject({ hits: 0, misses: 4, rejected: {} });
  });
});

describe('publishing', () => {
  test('never replaces a base that is there', async () => {
    const store = await fixture.open();
    const first = await publish(store, baseId);
    const inode = (await stat(first.path)).ino;
    fixture.advance(1000);
    const { temporaryPath } = await store.baseFiles(baseId);
    await put(temporaryPath, 'z'.repeat(999));
    const second = await store.publishBase(temporaryPath, factsOf(baseId, 999));
    expect(second.manifest).toEqual(first.manifest);
    expect((await stat(first.path)).ino).toBe(inode);
    expect(await lstatIfPresent(temporaryPath)).toBeUndefined();
    expect(store.counters.published).toBe(1);
  });

  test('replaces one that cannot be used, with what was derived from it', async () => {
    const store = await fixture.open();
    const { path } = await publish(store, baseId, 500);
    const { cellsPath, metaPath } = await store.baseFiles(baseId);
    await put(cellsPath, 'old');
    await put(metaPath, 'old');
    await truncate(path, 10);
    const entry = await publish(store, baseId, 600);
    expect(entry).toMatchObject({ fileBytes: 600, clean: true });
    expect(await lstatIfPresent(cellsPath)).toBeUndefined();
    expect(await lstatIfPresent(metaPath)).toBeUndefined();
    expect(store.counters.rejected).toEqual({ 'wrong-size': 1 });
  });

  test('refuses a file that is not as long as said, or missing', async () => {
    const store = await fixture.open();
    const { temporaryPath } = await store.baseFiles(baseId);
    const refusal = { code: 'ERR_WARMFORK_CACHE_FILE' };
    await expect(store.publishBase(temporaryPath, factsOf(baseId, 5))).rejects.toMatchObject(
      refusal,
    );
    await put(temporaryPath, 'four');
    await expect(store.publishBase(temporaryPath, factsOf(baseId, 5))).rejects.toMatchObject(
      refusal,
    );
    expect(await store.findBase(baseId)).toBeUndefined();
    await rm(temporaryPath);
  });

  test('serves the base used last until another is used', async () => {
    const store = await fixture.open();
    await publish(store, baseId);
    fixture.advance(1000);
    await publish(store, otherBaseId);
    expect((await store.newestBase())?.manifest.baseId).toBe(otherBaseId);
    fixture.advance(1000);
    await store.findBase(baseId);
    expect((await store.newestBase())?.manifest.baseId).toBe(baseId);
    expect((await store.list()).map(({ manifest }) => manifest.baseId)).toEqual([
      baseId,
      otherBaseId,
    ]);
  });
});

describe('an overlay', () => {
  test('is not clean while it is written, and clean again after a commit', async () => {
    const store = await fixture.open();
    const { path } = await saveOverlay(store, file, baseId, 50);
    await store.markUnclean(path);
    await truncate(path, 4096); // pre-allocated by its writer
    expect(await store.fileSession(uri, baseId)).toMatchObject({ clean: false, fileBytes: 4096 });
    expect(await store.commit(file, factsOf(baseId, 60))).toMatchObject({ clean: false });
    await truncate(path, 60);
    expect(await store.fileSession(uri, baseId)).toMatchObject({ clean: true, fileBytes: 60 });
    expect(store.counters.rejected).toEqual({});
  });

  test('that was cut short is believed only while it says itself that it is unclean', async () => {
    const store = await fixture.open();
    const { path } = await saveOverlay(store, file, baseId, 50);
    await store.markUnclean(path);
    await truncate(path, 20);
    expect(await store.fileSession(uri, baseId)).toMatchObject({ clean: false, fileBytes: 20 });
    await saveOverlay(store, file, baseId, 50);
    await truncate(path, 20);
    expect(await store.fileSession(uri, baseId)).toBeUndefined();
    expect(store.counters.rejected).toEqual({ 'wrong-size': 1 });
  });

  test('that was removed while it was open is not kept', async () => {
    const store = await fixture.open();
    const { path } = await saveOverlay(store, file, baseId);
    await store.remove(file);
    expect(await store.commit(file, factsOf(baseId, 100))).toBeUndefined();
    await store.markUnclean(path);
    await store.touch({ path });
    expect(await lstatIfPresent(manifestPath(path))).toBeUndefined();
  });

  test('on another base is a miss and goes away', async () => {
    const store = await fixture.open();
    const { path } = await saveOverlay(store, file, baseId);
    expect(await store.fileSession(uri, otherBaseId)).toBeUndefined();
    expect(store.counters).toMatchObject({ misses: 1, rejected: { 'wrong-base': 1 } });
    expect(await lstatIfPresent(path)).toBeUndefined();
  });

  test('shorter than its writer says is a fault', async () => {
    const store = await fixture.open();
    await put(await store.sessionPath(file), 'abc');
    const refusal = { code: 'ERR_WARMFORK_CACHE_FILE' };
    await expect(store.commit(file, factsOf(baseId, 4))).rejects.toMatchObject(refusal);
    await store.remove(file);
  });
});

describe('a store', () => {
  test('does not see the sessions of another workspace or fingerprint', async () => {
    const store = await fixture.open();
    await publish(store, baseId);
    await saveOverlay(store, file, baseId);
    for (const other of [{ workspace: 'file:///home/bob' }, { fingerprint: otherFingerprint }]) {
      const stranger = await fixture.open(other);
      expect(await stranger.findBase(baseId)).toBeUndefined();
      expect(await stranger.newestBase()).toBeUndefined();
      expect(await stranger.fileSession(uri, baseId)).toBeUndefined();
      expect(await stranger.list()).toEqual([]);
    }
  });

  test('does not believe sessions moved over from another workspace', async () => {
    const store = await fixture.open();
    const stranger = await fixture.open({ workspace: 'file:///home/bob' });
    await publish(store, baseId);
    await rm(stranger.directory, { recursive: true });
    await rename(store.directory, stranger.directory);
    expect(await stranger.findBase(baseId)).toBeUndefined();
    expect(stranger.counters.rejected).toEqual({ 'wrong-workspace': 1 });
  });

  test('removes one session, a workspace, or everything', async () => {
    const store = await fixture.open();
    const older = await fixture.open({ fingerprint: otherFingerprint });
    const stranger = await fixture.open({ workspace: 'file:///home/bob' });
    for (const any of [store, older, stranger]) await publish(any, baseId);
    await saveOverlay(store, file, baseId);

    expect(await store.remove(file)).toBe(true);
    expect(await store.remove(file)).toBe(false);
    expect(await store.clear()).toMatchObject({ removed: 2 });
    expect(await older.list()).toEqual([]);
    expect(await stranger.list()).toHaveLength(1);
    expect(await store.clearAll()).toMatchObject({ removed: 1 });
    expect((await store.diskUsage()).bytes).toBe(0);
    await publish(store, baseId);
    expect(await store.findBase(baseId)).toBeDefined();
  });

  test('measures what is on disk', async () => {
    const store = await fixture.open();
    const stranger = await fixture.open({ workspace: 'file:///home/bob' });
    const { path } = await publish(store, baseId, 5000);
    const manifestBytes = (await stat(manifestPath(path))).size;
    expect(await store.diskUsage()).toMatchObject({
      bytes: 5000 + manifestBytes,
      workspaceBytes: 5000 + manifestBytes,
      sessions: 1,
    });
    const other = await publish(stranger, baseId, 100);
    const all = 5100 + manifestBytes + (await stat(manifestPath(other.path))).size;
    expect(await store.diskUsage()).toMatchObject({
      bytes: all,
      workspaceBytes: 5000 + manifestBytes,
    });
    expect(store.counters.bytes).toBe(all);
  });

  test('refuses malformed names with a code', async () => {
    const store = await fixture.open();
    await expect(store.findBase('../../etc')).rejects.toMatchObject(badArgument);
    await expect(store.chatSession('../x', baseId)).rejects.toMatchObject(badArgument);
    await expect(store.chatSession('', baseId)).rejects.toMatchObject(badArgument);
    await expect(store.fileSession('', baseId)).rejects.toMatchObject(badArgument);
    await expect(store.fileSession(uri, 'x')).rejects.toMatchObject(badArgument);
    await expect(store.reject('/etc/passwd', 'bad-format')).rejects.toMatchObject(badArgument);
    const { path } = await publish(store, baseId);
    await expect(store.markUnclean(path)).rejects.toMatchObject(badArgument);
    await expect(store.publishBase('/tmp/x', factsOf(baseId, 1))).rejects.toMatchObject(
      badArgument,
    );
    await saveOverlay(store, file, baseId);
    const facts = { ...factsOf(baseId, 1), rebuildCostMs: Number.NaN };
    await expect(store.commit(file, facts)).rejects.toMatchObject(badArgument);
    await expect(fixture.open({ fingerprint: '..' })).rejects.toMatchObject(badArgument);
    await expect(fixture.open({ workspace: '' })).rejects.toMatchObject(badArgument);
    await expect(fixture.open({ budgetBytes: Number.NaN })).rejects.toMatchObject(badArgument);
  });

  test('opens only in a directory of its user', async () => {
    const refusal = { code: 'ERR_WARMFORK_CACHE_ROOT' };
    const target = join(fixture.root, 'a-file');
    await writeFile(target, '');
    await expect(fixture.open({ root: target })).rejects.toMatchObject(refusal);
    await expect(fixture.open({ root: join(target, 'below') })).rejects.toMatchObject(refusal);
    await rm(target);
  });

  test('takes away the access of others to its directory', async () => {
    await chmod(fixture.root, 0o755);
    await fixture.open();
    expect((await stat(fixture.root)).mode & 0o777).toBe(0o700);
  });

  test.runIf(process.getuid?.() === 0)('refuses a directory of another user', async () => {
    const refusal = { code: 'ERR_WARMFORK_CACHE_ROOT' };
    const [foreign, link] = [join(fixture.root, 'foreign'), join(fixture.root, 'link')];
    await mkdir(foreign);
    await chown(foreign, 12345, 12345);
    await expect(fixture.open({ root: foreign })).rejects.toMatchObject(refusal);
    await symlink(fixture.root, link);
    await lchown(link, 12345, 12345);
    await expect(fixture.open({ root: link })).rejects.toMatchObject(refusal);
    await rm(link);
    await rm(foreign, { recursive: true });
  });
});
