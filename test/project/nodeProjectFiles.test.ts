import { execFileSync } from 'node:child_process';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { inRoot } from '../../scripts/lib/paths.ts';
import { nodeProjectFiles } from '../../src/project/nodeProjectFiles.ts';
import { oneRoot, tempTree } from './tempTree.ts';

const text = (bytes: Uint8Array | undefined): string | undefined =>
  bytes === undefined ? undefined : Buffer.from(bytes).toString();

test('lists and reads below a single root, without its name', async () => {
  const files = oneRoot(await tempTree({ 'src/a.ts': 'hello', 'src/sub/': '' }));
  expect(await files.list('')).toEqual([{ name: 'src', kind: 'directory' }]);
  const entries = [...(await files.list('src'))].sort((a, b) => (a.name < b.name ? -1 : 1));
  expect(entries).toEqual([
    { name: 'a.ts', kind: 'file' },
    { name: 'sub', kind: 'directory' },
  ]);
  expect(text(await files.read('src/a.ts', 100))).toBe('hello');
  expect(text(await files.read('src/a.ts', 3))).toBe('hel');
});

test('several roots are folders of their own, sorted and told apart', async () => {
  const [first, second, third] = [
    await tempTree({ 'a.ts': 'first' }),
    await tempTree({ 'a.ts': 'second' }),
    await tempTree({ 'a.ts': 'third' }),
  ];
  const files = nodeProjectFiles([
    { name: 'web', path: first },
    { name: 'api', path: second },
    { name: 'x/y', path: third },
  ]);
  expect(files.roots.map(({ name }) => name)).toEqual(['api', 'web', 'x-y']);
  expect((await files.list('')).map(({ name }) => name)).toEqual(['api', 'web', 'x-y']);
  expect(text(await files.read('api/a.ts', 9))).toBe('second');
  expect(text(await files.read('web/a.ts', 9))).toBe('first');
  const same = nodeProjectFiles([
    { name: 'web', path: first },
    { name: 'web', path: second },
  ]);
  expect(same.roots.map(({ name }) => name)).toEqual(['web', 'web-2']);
});

test('a missing folder is an error with a code', async () => {
  const root = await tempTree({});
  const files = oneRoot(join(root, 'nowhere'));
  await expect(files.list('')).rejects.toMatchObject({ code: 'PROJECT_FOLDER_MISSING' });
  await expect(files.list('')).rejects.toThrow(/"app"/u);
  await expect(files.read('a.ts', 1)).rejects.toMatchObject({ code: 'PROJECT_FOLDER_MISSING' });
});

test.each(['../x', 'a/../../x', '/etc/hostname', 'a//b', './a', 'a\0b'])(
  'the path %j is refused',
  async (path) => {
    const files = oneRoot(await tempTree({ 'a/b': 'x' }));
    await expect(files.read(path, 1)).rejects.toMatchObject({ code: 'PROJECT_PATH_INVALID' });
  },
);

test('nothing is read through a link, not even a linked folder on the way', async () => {
  const outside = await tempTree({ 'a.ts': 'outside' });
  const root = await tempTree({ 'real.ts': 'inside' });
  await symlink(outside, join(root, 'folder'));
  await symlink(join(outside, 'a.ts'), join(root, 'file.ts'));
  await symlink('real.ts', join(root, 'inner.ts'));
  const files = oneRoot(root);
  expect(await files.read('folder/a.ts', 9)).toBeUndefined();
  expect(await files.read('file.ts', 9)).toBeUndefined();
  expect(await files.read('inner.ts', 9)).toBeUndefined();
  await expect(files.list('folder')).rejects.toMatchObject({ code: 'PROJECT_PATH_INVALID' });
  expect(text(await files.read('real.ts', 9))).toBe('inside');
});

test('the root itself may be reached through a link', async () => {
  const root = await tempTree({ 'a.ts': 'x' });
  const elsewhere = await tempTree({});
  await symlink(root, join(elsewhere, 'link'));
  expect(text(await oneRoot(join(elsewhere, 'link')).read('a.ts', 9))).toBe('x');
});

test('what is not a regular file is not read, and nobody waits for a pipe', async () => {
  const root = await tempTree({ 'folder/': '' });
  execFileSync('sh', ['-c', 'mkfifo "$0"', join(root, 'pipe')]);
  const files = oneRoot(root);
  expect(await files.read('pipe', 9)).toBeUndefined();
  expect(await files.read('folder', 9)).toBeUndefined();
  expect(await files.read('missing', 9)).toBeUndefined();
});

test('tells what changes with a file, but not of one that was written just now', async () => {
  const root = await tempTree({ 'a.ts': 'a', 'folder/': '' });
  const fresh = oneRoot(root);
  expect(await fresh.stamp?.('a.ts')).toBeUndefined();
  expect(await fresh.stamp?.('folder')).toBeUndefined();
  expect(await fresh.stamp?.('gone.ts')).toBeUndefined();
  const old = oneRoot(inRoot('node_modules/typescript'));
  const stamp = await old.stamp?.('package.json');
  expect(stamp).toBeDefined();
  expect(await old.stamp?.('package.json')).toBe(stamp);
  expect(await old.stamp?.('README.md')).not.toBe(stamp);
});
