import { dirname, join, relative, sep } from 'node:path';
import { parseBaseId } from './baseId.ts';
import { type CacheCounters, countRejection, noCounts } from './cacheCounters.ts';
import { requireArgument } from './cacheError.ts';
import {
  type Removal,
  removeAbandoned,
  removeLeastUseful,
  removeOrphans,
  removeOutdated,
  sessionPathsOf,
} from './eviction.ts';
import { makePrivateDirectory, openRoot, removeFile, temporaryPathFor } from './files.ts';
import { parseFingerprint } from './fingerprint.ts';
import type { RejectReason } from './rejectReason.ts';
import { removeSession, setSessionAside } from './removeSession.ts';
import { inspectSession, type SessionEntry, type SessionOwner } from './sessionEntry.ts';
import {
  derivedPaths,
  type OverlayName,
  relativeSessionPath,
  type SessionName,
  workspaceDirectoryName,
} from './sessionName.ts';
import { SessionUses } from './sessionUses.ts';
import { SessionWriter } from './sessionWriter.ts';
import { findProblems, type StoreProblem } from './storeCheck.ts';
import { scanBytes, scanStore, sessionBytes } from './storeScan.ts';
import type { BaseFiles, DiskUsage, Eviction, SessionFacts, StoreOptions } from './storeTypes.ts';

/**
 * The sessions of one workspace under one fingerprint, as files. It manages names, manifests, identity
 * and the byte budget, and never opens a session: cells are for the native side alone.
 *
 * Invariant: a session file is valid or absent. What cannot be believed is a miss, and removed. Any number
 * of stores, in any number of processes, may share a directory; whatever vanishes meanwhile is a miss too.
 */
export class SessionStore {
  readonly #root: string;
  readonly #directory: string;
  readonly #owner: SessionOwner;
  readonly #options: StoreOptions;
  readonly #uses: SessionUses;
  readonly #writer: SessionWriter;
  #counters: CacheCounters = noCounts;

  private constructor(root: string, options: StoreOptions) {
    const { fingerprint, workspace } = options;
    this.#root = root;
    this.#directory = join(root, fingerprint, workspaceDirectoryName(workspace));
    this.#owner = { fingerprint, workspace };
    this.#options = options;
    this.#uses = new SessionUses(options.now);
    this.#writer = new SessionWriter(this.#owner, this.#uses, options);
  }

  /** Throws `ERR_WARMFORK_CACHE_ROOT` or `ERR_WARMFORK_CACHE_ARGUMENT`. */
  static async open(options: StoreOptions): Promise<SessionStore> {
    parseFingerprint(options.fingerprint);
    requireArgument(options.workspace.length > 0, 'a store needs the key of a workspace');
    requireArgument(options.budgetBytes >= 0, 'the budget is not a number of bytes');
    const store = new SessionStore(await openRoot(options.root), options);
    await makePrivateDirectory(store.#directory);
    return store;
  }

  get counters(): CacheCounters {
    return this.#counters;
  }

  /** The cache directory, its links resolved. */
  get root(): string {
    return this.#root;
  }

  /** Directory of the sessions of this workspace under this fingerprint. */
  get directory(): string {
    return this.#directory;
  }

  /** Names for building the base `baseId`; their directory exists. */
  async baseFiles(baseId: string): Promise<BaseFiles> {
    const path = await this.sessionPath({ kind: 'base', baseId });
    const { cells, meta } = derivedPaths(path);
    return {
      path,
      temporaryPath: temporaryPathFor(path),
      cellsPath: cells,
      metaPath: meta,
    };
  }

  /**
   * Path of a session, for creating it; its directory exists. A file that is there already but was not
   * returned by a look-up must be overwritten, never loaded.
   */
  async sessionPath(name: SessionName): Promise<string> {
    const path = this.#pathOf(name);
    await makePrivateDirectory(dirname(path));
    return path;
  }

  /** The base `baseId`, or `undefined` for a miss. */
  async findBase(baseId: string): Promise<SessionEntry | undefined> {
    return this.#lookUp({ kind: 'base', baseId }, parseBaseId(baseId));
  }

  /** The usable base that was used last, to serve while a newer one is built. */
  async newestBase(): Promise<SessionEntry | undefined> {
    const entries: SessionEntry[] = [];
    for (const path of await this.#paths('base')) {
      const entry = await this.#inspect(path);
      if (entry !== undefined) entries.push(entry);
    }
    const newest = entries.sort((a, b) => b.usedAt - a.usedAt)[0];
    return this.#countLookUp(newest);
  }

  /** The session of a document on top of the base `baseId`, or `undefined` for a miss. */
  async fileSession(uri: string, baseId: string): Promise<SessionEntry | undefined> {
    return this.#lookUp({ kind: 'file', uri }, parseBaseId(baseId));
  }

  /** The session of a conversation on top of the base `baseId`, or `undefined` for a miss. */
  async chatSession(chatId: string, baseId: string): Promise<SessionEntry | undefined> {
    return this.#lookUp({ kind: 'chat', chatId }, parseBaseId(baseId));
  }

  /**
   * Makes the finished, trimmed file at `temporaryPath` the base `facts.baseId`. If another window has
   * published the same base meanwhile, that one stays (a published base is never written again) and is
   * returned. Throws `ERR_WARMFORK_CACHE_FILE` if the file is not as long as `facts` say.
   */
  async publishBase(temporaryPath: string, facts: SessionFacts): Promise<SessionEntry> {
    const path = await this.sessionPath({ kind: 'base', baseId: facts.baseId });
    requireArgument(dirname(temporaryPath) === dirname(path), 'use the path baseFiles() gave');
    const existing = await this.#inspect(path);
    if (existing !== undefined) {
      await removeFile(temporaryPath);
      await this.touch(existing);
      return existing;
    }
    const entry = await this.#writer.publish(temporaryPath, path, facts);
    this.#counters = { ...this.#counters, published: this.#counters.published + 1 };
    return entry;
  }

  /**
   * Notes that the engine has saved and synced an overlay. The file may still be open, hence longer than
   * `facts.sizeBytes`. `undefined` if it was removed under the writer: then nothing is kept.
   * Throws `ERR_WARMFORK_CACHE_FILE` if the file is shorter.
   */
  async commit(name: OverlayName, facts: SessionFacts): Promise<SessionEntry | undefined> {
    const path = this.#pathOf(name);
    const entry = await this.#writer.commit(name, path, facts);
    if (entry === undefined) this.#log(path, 'was removed while it was open');
    else this.#counters = { ...this.#counters, committed: this.#counters.committed + 1 };
    return entry;
  }

  /**
   * Notes that the overlay at `path` is about to be written. To be called with the file's lock held and
   * before each save that follows a commit: what a crash then leaves is not believed unchecked.
   */
  async markUnclean(path: string): Promise<void> {
    this.#requireSessionPath(path);
    await this.#writer.markUnclean(path);
  }

  /** Notes a use. Engines do this for what they have mapped at least every few minutes. */
  async touch(entry: Pick<SessionEntry, 'path'>): Promise<void> {
    await this.#uses.note(entry.path);
  }

  /** Takes a session that cannot be believed out of use, counts it and says why. Absent files are fine. */
  async reject(path: string, reason: RejectReason, detail = ''): Promise<void> {
    this.#requireSessionPath(path);
    this.#counters = countRejection(this.#counters, reason);
    this.#log(path, `rejected, ${reason}${detail === '' ? '' : `: ${detail}`}`);
    this.#uses.forget(path);
    if (this.#options.keepRejected) await setSessionAside(path);
    else await removeSession(path);
  }

  /** Removes one session because a person wants it gone; false if there was none. */
  async remove(name: SessionName): Promise<boolean> {
    return removeSession(this.#pathOf(name));
  }

  /** Removes the unfinished bases of this workspace, except `baseId`, which has all that they have. */
  async removeUnfinishedBases(baseId: string): Promise<void> {
    for (const { manifest, path } of await this.list()) {
      if (manifest.kind !== 'base' || manifest.unfinished !== true) continue;
      if (manifest.baseId !== baseId) await removeSession(path);
    }
  }

  /** Removes every session of this workspace, under whatever fingerprint. */
  async clear(): Promise<Removal> {
    return this.#removeAll(workspaceDirectoryName(this.#owner.workspace));
  }

  /** Removes every session of every workspace. */
  async clearAll(): Promise<Removal> {
    return this.#removeAll(undefined);
  }

  /** The usable sessions of this workspace under this fingerprint; counts and changes nothing. */
  async list(): Promise<readonly SessionEntry[]> {
    const entries: SessionEntry[] = [];
    for (const path of await this.#paths()) {
      const inspection = await inspectSession(path, this.#owner);
      if (inspection.kind === 'entry') entries.push(inspection.entry);
    }
    return entries.sort((a, b) => b.usedAt - a.usedAt);
  }

  async diskUsage(): Promise<DiskUsage> {
    const scan = await scanStore(this.#root);
    const bytes = scanBytes(scan);
    this.#counters = { ...this.#counters, bytes };
    const ours = scan.sessions.filter(({ path }) => path.startsWith(this.#directory + sep));
    return {
      bytes,
      workspaceBytes: ours.reduce((sum, session) => sum + sessionBytes(session), 0),
      sessions: scan.sessions.length,
      budgetBytes: this.#options.budgetBytes,
    };
  }

  /**
   * Removes leftovers of crashes and what other models or releases have not used for `outdatedMs`, then holds the
   * byte budget over all fingerprints and workspaces; see `evictionRank` for the order. Stays: what is in `mapped` (paths this process has open, whose use is noted
   * here) and what another process has used in the last ten minutes.
   */
  async evict({ mapped }: { readonly mapped: ReadonlySet<string> }): Promise<Eviction> {
    const inUse = sessionPathsOf(mapped);
    for (const path of inUse) await this.touch({ path });
    const protection = { mapped: inUse, ownUses: this.#uses.noted, now: this.#options.now() };
    const before = await scanStore(this.#root);
    const orphans = await removeOrphans(before, protection);
    const outdated = await removeOutdated(before, this.#owner.fingerprint, protection);

    const scan = await scanStore(this.#root);
    const bytes = scanBytes(scan);
    const excess = bytes - this.#options.budgetBytes;
    const evicted = await removeLeastUseful(scan, excess, protection);
    await makePrivateDirectory(this.#directory); // which may have been empty
    const bytesLeft = bytes - evicted.bytes;
    const removal = {
      removed: outdated.removed + evicted.removed,
      bytes: outdated.bytes + evicted.bytes,
    };
    this.#countEviction(removal, orphans, bytesLeft);
    return { ...removal, orphans, bytesLeft };
  }

  /** Everything in the cache directory that is not as it should be; empty for an orderly one. */
  async check(): Promise<readonly StoreProblem[]> {
    return findProblems(await scanStore(this.#root));
  }

  async #lookUp(name: SessionName, baseId: string): Promise<SessionEntry | undefined> {
    const path = this.#pathOf(name);
    return this.#countLookUp(await this.#inspect(path, baseId));
  }

  /** An entry that can be believed, or `undefined` after rejecting whatever is there. */
  async #inspect(path: string, baseId?: string): Promise<SessionEntry | undefined> {
    const inspection = await inspectSession(path, this.#owner);
    if (inspection.kind === 'absent') return undefined;
    if (inspection.kind === 'doubt') {
      await this.reject(path, inspection.reason, inspection.detail);
      return undefined;
    }
    const { entry } = inspection;
    if (baseId === undefined || entry.manifest.baseId === baseId) return entry;
    await this.reject(path, 'wrong-base', `it stands on ${entry.manifest.baseId}`);
    return undefined;
  }

  async #countLookUp(entry: SessionEntry | undefined): Promise<SessionEntry | undefined> {
    const { hits, misses } = this.#counters;
    if (entry === undefined) this.#counters = { ...this.#counters, misses: misses + 1 };
    else {
      this.#counters = { ...this.#counters, hits: hits + 1 };
      await this.touch(entry);
    }
    return entry;
  }

  #countEviction(removal: Removal, orphans: number, bytes: number): void {
    const before = this.#counters;
    this.#counters = {
      ...before,
      evicted: before.evicted + removal.removed,
      evictedBytes: before.evictedBytes + removal.bytes,
      orphans: before.orphans + orphans,
      bytes,
    };
    if (removal.removed + orphans > 0) {
      const { removed } = removal;
      this.#options.log(`cache: evicted ${removed} (${removal.bytes} bytes), ${orphans} orphans`);
    }
  }

  async #removeAll(workspaceName: string | undefined): Promise<Removal> {
    const filter = workspaceName === undefined ? {} : { workspaceName };
    const scan = await scanStore(this.#root, filter);
    const total = { removed: 0, bytes: 0 };
    for (const session of scan.sessions) {
      if (!(await removeSession(session.path))) continue;
      total.removed++;
      total.bytes += sessionBytes(session);
    }
    for (const file of scan.rejected) await removeFile(file.path);
    await removeAbandoned(scan);
    return total;
  }

  async #paths(kind?: SessionName['kind']): Promise<readonly string[]> {
    const { fingerprint } = this.#owner;
    const workspaceName = workspaceDirectoryName(this.#owner.workspace);
    const filter = { fingerprint, workspaceName, ...(kind && { kind }) };
    const { sessions } = await scanStore(this.#root, filter);
    return sessions.filter(({ session }) => session !== undefined).map(({ path }) => path);
  }

  #pathOf(name: SessionName): string {
    return join(this.#directory, relativeSessionPath(name));
  }

  #requireSessionPath(path: string): void {
    const isOurs = path.startsWith(this.#directory + sep) && path.endsWith('.session');
    requireArgument(isOurs, `not a session of this store: ${path}`);
  }

  #log(path: string, what: string): void {
    this.#options.log(`cache: ${relative(this.#root, path)} ${what}`);
  }
}
