import type { Stats } from 'node:fs';
import { chmod, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseBaseId } from './baseId.ts';
import { CacheError, requireArgument } from './cacheError.ts';
import { lstatIfPresent, syncDirectory, syncPrivateFile } from './files.ts';
import { type Manifest, manifestVersion, readManifest, requireManifest } from './manifest.ts';
import { removeDerived } from './removeSession.ts';
import type { SessionEntry, SessionOwner } from './sessionEntry.ts';
import { manifestPath, type OverlayName, type SessionName } from './sessionName.ts';
import type { SessionUses } from './sessionUses.ts';
import type { SessionFacts, StoreOptions, StoreStep } from './storeTypes.ts';

/** Brings finished sessions into the store. The manifest is written last: until then a session is absent. */
export class SessionWriter {
  readonly #owner: SessionOwner;
  readonly #uses: SessionUses;
  readonly #now: () => number;
  readonly #step: (step: StoreStep) => void;

  constructor(
    owner: SessionOwner,
    uses: SessionUses,
    { now, onStep }: Pick<StoreOptions, 'now' | 'onStep'>,
  ) {
    this.#owner = owner;
    this.#uses = uses;
    this.#now = now;
    this.#step = onStep ?? (() => undefined);
  }

  /** Moves a finished base into its place, where there must be none that is valid. */
  async publish(temporaryPath: string, path: string, facts: SessionFacts): Promise<SessionEntry> {
    const name = { kind: 'base', baseId: facts.baseId } as const;
    const { unfinished } = facts;
    const manifest = this.#manifest(name, facts, unfinished && { unfinished });
    const stats = await lstatIfPresent(temporaryPath);
    if (stats?.isFile() !== true || stats.size !== facts.sizeBytes) {
      throw wrongFile(temporaryPath, stats, facts);
    }
    await syncPrivateFile(temporaryPath);
    this.#step('synced');
    await removeDerived(path); // of an earlier, unusable base of this name
    await moveIntoPlace(temporaryPath, path);
    this.#step('renamed');
    return this.#describe(path, manifest);
  }

  /** Describes an overlay as it is now; `undefined` if it is not there. */
  async commit(
    name: OverlayName,
    path: string,
    facts: SessionFacts,
  ): Promise<SessionEntry | undefined> {
    const manifest = this.#manifest(name, facts);
    const stats = await lstatIfPresent(path);
    if (stats === undefined) return undefined;
    if (!stats.isFile() || stats.size < facts.sizeBytes) throw wrongFile(path, stats, facts);
    if ((stats.mode & 0o077) !== 0) await chmod(path, 0o600); // not everything that writes cares
    return this.#describe(path, manifest);
  }

  /** Takes back what the manifest of an overlay says about its contents. */
  async markUnclean(path: string): Promise<void> {
    const reading = await readManifest(manifestPath(path));
    if (reading.kind !== 'manifest') return; // never committed: there is nothing to take back
    const { manifest } = reading;
    requireArgument(manifest.kind !== 'base', 'a published base is never written again');
    if (manifest.clean) await this.#describe(path, { ...manifest, clean: false });
  }

  async #describe(path: string, manifest: Manifest): Promise<SessionEntry> {
    const usedAt = await this.#uses.noteWithManifest(path, manifest);
    this.#step('described');
    const fileBytes = (await lstatIfPresent(path))?.size ?? 0;
    const clean = manifest.clean && fileBytes === manifest.sizeBytes;
    return { path, manifest, fileBytes, usedAt, clean };
  }

  #manifest(
    name: SessionName,
    facts: SessionFacts,
    marks?: { readonly unfinished: true },
  ): Manifest {
    const { tokens, tokensHash, sizeBytes, checksum, engineVersion, rebuildCostMs } = facts;
    return requireManifest({
      ...name,
      version: manifestVersion,
      ...this.#owner,
      baseId: parseBaseId(facts.baseId),
      tokens,
      tokensHash,
      sizeBytes,
      checksum,
      engineVersion,
      createdAt: this.#now(),
      rebuildCostMs,
      clean: true,
      ...marks,
    });
  }
}

async function moveIntoPlace(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (cause) {
    throw new CacheError('ERR_WARMFORK_CACHE_FILE', `${to} cannot be published`, { cause });
  }
  await syncDirectory(dirname(to));
}

function wrongFile(path: string, stats: Stats | undefined, facts: SessionFacts): CacheError {
  const found = stats === undefined ? 'is missing' : `has ${stats.size} bytes`;
  const message = `${path} ${found}, but the session has ${facts.sizeBytes} bytes`;
  return new CacheError('ERR_WARMFORK_CACHE_FILE', message);
}
