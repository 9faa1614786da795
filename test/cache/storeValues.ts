import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { SessionEntry } from '../../src/cache/sessionEntry.ts';
import type { OverlayName } from '../../src/cache/sessionName.ts';
import type { SessionStore } from '../../src/cache/store.ts';
import type { SessionFacts } from '../../src/cache/storeTypes.ts';
import { shortHash } from '../../src/cache/tokenHash.ts';

// Values and actions for tests of the store; also for the processes they start.

export const fingerprint = shortHash('fingerprint');
export const otherFingerprint = shortHash('another fingerprint');
export const workspace = 'file:///home/ann/project';
export const engineVersion = '0.1.0';

/** A base id made of any text. */
export const baseIdOf = (text: string): string => shortHash('base', text);

/** Facts of a session of `sizeBytes` bytes on the base `baseId`. */
export function factsOf(baseId: string, sizeBytes: number, rebuildCostMs = 0): SessionFacts {
  const tokensHash = shortHash('tokens');
  return { baseId, tokens: 7, tokensHash, sizeBytes, checksum: 'c', engineVersion, rebuildCostMs };
}

/** Publishes a base of `sizeBytes` bytes. */
export async function publish(
  store: SessionStore,
  baseId: string,
  sizeBytes = 1000,
  rebuildCostMs = 0,
): Promise<SessionEntry> {
  const { temporaryPath } = await store.baseFiles(baseId);
  await writeFile(temporaryPath, Buffer.alloc(sizeBytes, baseId), { mode: 0o600 });
  return store.publishBase(temporaryPath, factsOf(baseId, sizeBytes, rebuildCostMs));
}

/** Writes and commits an overlay of `sizeBytes` bytes. */
export async function saveOverlay(
  store: SessionStore,
  name: OverlayName,
  baseId: string,
  sizeBytes = 100,
): Promise<SessionEntry> {
  const path = await store.sessionPath(name);
  await store.markUnclean(path);
  await writeFile(path, Buffer.alloc(sizeBytes, 'overlay'), { mode: 0o600 });
  const entry = await store.commit(name, factsOf(baseId, sizeBytes, sizeBytes));
  if (entry === undefined) throw new Error('the overlay vanished');
  return entry;
}

/** Puts any bytes anywhere. */
export async function put(path: string, content: string | Buffer, mode = 0o600): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(path, content, { mode });
}
