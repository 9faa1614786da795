/** How windows find the engine they share: three files of one name in a folder that only this user can enter. */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Where an engine listens, and what has to be said to be let in. */
export interface Rendezvous {
  /** Path of the socket, or name of the pipe. */
  readonly endpoint: string;
  readonly token: string;
  readonly pid: number;
}

export interface RendezvousPaths {
  /** JSON of a {@link Rendezvous}; mode 0600. */
  readonly file: string;
  /** Locked by the engine for as long as it lives. */
  readonly lock: string;
  /** What the engine writes outside of the protocol: llama.cpp's last words before a crash. */
  readonly output: string;
}

export function rendezvousPaths(directory: string, key: string): RendezvousPaths {
  const path = (kind: string): string => join(directory, `${key}.${kind}`);
  return { file: path('json'), lock: path('lock'), output: path('log') };
}

/** A new place to listen at. Its name is never used twice, so that nobody waits at a socket that was left behind. */
export function newRendezvous(directory: string, pid: number): Rendezvous {
  const name = randomBytes(8).toString('hex');
  const isWindows = process.platform === 'win32';
  const endpoint = isWindows ? `\\\\.\\pipe\\warmfork-${name}` : join(directory, `${name}.sock`);
  return { endpoint, token: randomBytes(32).toString('base64url'), pid };
}

/** Replaces the file in one step: readers see the old one or the new one. */
export async function writeRendezvous(path: string, rendezvous: Rendezvous): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${process.pid}`;
  await writeFile(temporary, JSON.stringify(rendezvous), { mode: 0o600 });
  await rename(temporary, path);
}

/** Undefined when there is none, or none that makes sense. */
export async function readRendezvous(path: string): Promise<Rendezvous | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return asRendezvous(JSON.parse(text));
  } catch {
    return undefined;
  }
}

export async function removeRendezvous(path: string): Promise<void> {
  await rm(path, { force: true });
}

function asRendezvous(value: unknown): Rendezvous | undefined {
  const { endpoint, token, pid } = (value ?? {}) as Partial<Record<keyof Rendezvous, unknown>>;
  if (typeof endpoint !== 'string' || typeof token !== 'string') return undefined;
  return typeof pid === 'number' ? { endpoint, token, pid } : undefined;
}
