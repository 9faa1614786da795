import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { loadNative } from '../../src/engine/native/loadNative.ts';

const { FileLock } = loadNative();
const holder = fileURLToPath(new URL('children/lockHolder.ts', import.meta.url));

function lockPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'warmfork-lock-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'a.lock');
}

it('is held by one at a time, in this process too, and is for this user only', () => {
  const path = lockPath();
  const first = FileLock.tryAcquire(path);
  expect(first).toBeInstanceOf(FileLock);
  expect(FileLock.tryAcquire(path)).toBeUndefined();
  first?.close();
  const second = FileLock.tryAcquire(path);
  expect(second).toBeInstanceOf(FileLock);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  second?.close();
});

it('is given back by the system when its holder is killed', async () => {
  const path = lockPath();
  const child = fork(holder, [path], { execArgv: ['--import', 'tsx'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [answer] = (await once(child, 'message')) as [string];
  expect(answer).toBe('held');
  expect(FileLock.tryAcquire(path)).toBeUndefined();
  child.kill('SIGKILL');
  await once(child, 'exit');
  const lock = FileLock.tryAcquire(path);
  expect(lock).toBeInstanceOf(FileLock);
  lock?.close();
});

it('refuses a file that others may read, and a folder that is not there, in words', () => {
  const path = lockPath();
  writeFileSync(path, '', { mode: 0o644 });
  expect(() => FileLock.tryAcquire(path)).toThrow(/a\.lock/);
  expect(() => FileLock.tryAcquire(join(path, 'b'))).toThrow(/a\.lock/);
  expect(() => FileLock.tryAcquire('')).toThrow(/path/);
});
