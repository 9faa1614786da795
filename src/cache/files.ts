import { randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import { chmod, lstat, mkdir, open, realpath, rename, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CacheError } from './cacheError.ts';

// File operations that expect other processes to add and remove files at any moment.

const vanished = new Set(['ENOENT', 'ENOTDIR']);
/** Windows refuses to remove or replace a file that is mapped; what cannot be removed simply stays. */
const inUse = new Set(['EBUSY', 'EPERM', 'EACCES', 'EISDIR']);

/** The `code` of a system error, or `undefined`. */
function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

/** True for the error of a file that is not there (any more). */
export function isVanished(error: unknown): boolean {
  return vanished.has(errorCode(error) ?? '');
}

/** `lstat`, or `undefined` if there is nothing at `path`. */
export async function lstatIfPresent(path: string): Promise<Stats | undefined> {
  return lstat(path).catch((error: unknown) => {
    if (isVanished(error)) return undefined;
    throw error;
  });
}

/** Removes a file: `removed`, `absent` (someone else did), or `busy` (in use, stays). */
export async function removeFile(path: string): Promise<'removed' | 'absent' | 'busy'> {
  try {
    await unlink(path);
    return 'removed';
  } catch (error) {
    if (isVanished(error)) return 'absent';
    if (inUse.has(errorCode(error) ?? '')) return 'busy';
    throw error;
  }
}

/** Renames a file; false if it has vanished or is in use. */
export async function renameIfPresent(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (isVanished(error) || inUse.has(errorCode(error) ?? '')) return false;
    throw error;
  }
}

/** A new name beside `path`, carrying this process's id so that leftovers of dead ones are known. */
export function temporaryPathFor(path: string): string {
  return `${path}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
}

/** The process id in a name made by {@link temporaryPathFor}, or `undefined` for other names. */
export function temporaryOwner(name: string): number | undefined {
  const pid = /\.(\d{1,10})\.[0-9a-f]{8}\.tmp$/.exec(name)?.[1];
  return pid === undefined ? undefined : Number(pid);
}

/** Whether a process with this id runs on this machine. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}

/**
 * Replaces a small file so that a reader, or a machine that loses power, sees the old text or the new.
 * The file is 0600 and, from the moment it is visible, was modified at `modifiedAt` (ms since 1970).
 */
export async function writeFileDurably(
  path: string,
  text: string,
  modifiedAt: number,
): Promise<void> {
  const temporary = temporaryPathFor(path);
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.utimes(modifiedAt / 1000, modifiedAt / 1000);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await removeFile(temporary);
    throw error;
  }
  await syncDirectory(dirname(path));
}

/** Makes what is in a file durable, and gives it to its owner alone. */
export async function syncPrivateFile(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.chmod(0o600);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes renames and removals in a directory durable, where the system has such a call. */
export async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return; // directories cannot be opened there; NTFS journals renames
  const directory = await open(path, 'r').catch((error: unknown) => {
    if (isVanished(error)) return undefined;
    throw error;
  });
  try {
    await directory?.sync();
  } finally {
    await directory?.close();
  }
}

/** Creates a directory (0700) with its parents. */
export async function makePrivateDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
}

/**
 * Creates the cache directory if need be and returns its real path.
 * A link to it, and what it leads to, must belong to this user; throws `ERR_WARMFORK_CACHE_ROOT`.
 */
export async function openRoot(path: string): Promise<string> {
  try {
    await makePrivateDirectory(path);
    const [link, target] = await Promise.all([lstat(path), stat(path)]);
    if (!isOurs(link) || !isOurs(target)) throw new Error('it belongs to another user');
    if ((target.mode & 0o077) !== 0) await chmod(path, 0o700);
    return await realpath(path);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const message = `The cache directory ${path} cannot be used: ${why}`;
    throw new CacheError('ERR_WARMFORK_CACHE_ROOT', message, { cause });
  }
}

/** Whether a file belongs to the user who runs this process (always, where there are no user ids). */
export function isOurs(stats: Stats): boolean {
  return process.getuid === undefined || stats.uid === process.getuid();
}
