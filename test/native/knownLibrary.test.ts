import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { KnownLibraries } from '../../src/engine/native/knownLibrary.ts';
import type { LoaderReport } from './children/libraryLoader.ts';
import { standInPath } from './fixture.ts';

const loader = fileURLToPath(new URL('children/libraryLoader.ts', import.meta.url));

function cacheFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'warmfork-library-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

async function load(folder: string, gpu: 'auto' | 'off' = 'auto'): Promise<LoaderReport> {
  const child = fork(loader, [folder, standInPath, gpu], { execArgv: ['--import', 'tsx'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const exit = once(child, 'exit');
  const [report] = (await Promise.race([
    once(child, 'message'),
    exit.then(([code]) => Promise.reject(new Error(`the loader ended with ${code}`))),
  ])) as [LoaderReport];
  await exit;
  return report;
}

it('is asked for once: the second process computes the same without node-llama-cpp', async () => {
  const folder = cacheFolder();
  const first = await load(folder);
  expect(first).toMatchObject({ variant: 'cpu', asked: true });
  const second = await load(folder);
  expect(second).toMatchObject({ ...first, asked: false, messages: expect.anything() as unknown });
  expect(second.sampled).toBeGreaterThanOrEqual(0);
  expect(await load(folder)).toMatchObject({ asked: false });
  // Somebody who wants no graphics processor was not who was asked for.
  expect(await load(folder, 'off')).toMatchObject({ asked: true });
  expect(await load(folder, 'off')).toMatchObject({ asked: false });
});

it('is asked for again when anything about it has changed, or it cannot be loaded', async () => {
  const folder = cacheFolder();
  const path = join(folder, 'library.json');
  await load(folder);
  const record = JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>;

  writeFileSync(path, '{ "version": 1,');
  expect(await load(folder)).toMatchObject({ asked: true });
  writeFileSync(path, JSON.stringify({ ...record, llamaPath: join(folder, 'gone.so') }));
  expect(await load(folder)).toMatchObject({ asked: true });
  // Files that are as they were, but are no llama.cpp.
  const other = join(folder, 'other.so');
  writeFileSync(other, 'not a library');
  await new KnownLibraries(folder).keep(
    { llamaPath: other, ggmlPath: other, release: 'v0' },
    'auto',
  );
  const again = await load(folder);
  expect(again).toMatchObject({ asked: true, variant: 'cpu' });
  expect(again.messages.join('\n')).toContain('node-llama-cpp is asked again');
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(record);
});

it('is forgotten by whoever crashes with it, and refused on another machine', async () => {
  const folder = cacheFolder();
  await load(folder);
  const libraries = new KnownLibraries(folder);
  const path = join(folder, 'library.json');
  const record = readFileSync(path, 'utf8');

  expect(await libraries.take(false)).toBeUndefined();
  writeFileSync(path, record.replace(/linux|darwin|win32/, 'other'));
  expect(await libraries.take('auto')).toBeUndefined();
  writeFileSync(path, record);
  expect(await libraries.take('auto')).toMatchObject({ release: expect.any(String) as unknown });
  // From here until it is kept again a crash would leave nothing.
  expect(existsSync(path)).toBe(false);
  expect(await libraries.take('auto')).toBeUndefined();
});

it('costs a start nothing but time when the cache directory cannot be used', async () => {
  const folder = cacheFolder();
  const file = join(folder, 'file');
  writeFileSync(file, '');
  expect(await load(join(file, 'cache'))).toMatchObject({ variant: 'cpu', asked: true });
});
