import { rmdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type EvictionCandidate, inEvictionOrder } from './evictionOrder.ts';
import { isAlive, removeFile, temporaryOwner } from './files.ts';
import { readManifest } from './manifest.ts';
import { removeDerived, removeSession } from './removeSession.ts';
import { manifestPath } from './sessionName.ts';
import {
  derivedBytes,
  type StoredFile,
  type StoredSession,
  type StoreScan,
  sessionBytes,
} from './storeScan.ts';

/**
 * How long a session is left alone after someone else used it. Another process may have it mapped, which
 * cannot be seen from here; engines touch what they have mapped more often than this.
 */
export const recentUseMs = 10 * 60 * 1000;

/**
 * How long sessions of another fingerprint are kept after their last use: those of a model or a release that may
 * come back. Within that time they only make room like all others.
 */
export const outdatedMs = 30 * 24 * 3600 * 1000;

/** What must stay, whatever the budget. */
export interface Protection {
  /** Session, cells or meta files this process has open. */
  readonly mapped: ReadonlySet<string>;
  /** When this process last noted a use of each path: such a use protects nothing. */
  readonly ownUses: ReadonlyMap<string, number>;
  readonly now: number;
}

/** What was removed. */
export interface Removal {
  readonly removed: number;
  readonly bytes: number;
}

/** Absolute paths of the sessions to which any of the given paths belongs. */
export function sessionPathsOf(paths: Iterable<string>): ReadonlySet<string> {
  return new Set([...paths].map((path) => resolve(path).replace(/\.(?:cells|meta)$/, '.session')));
}

/**
 * Removes what no one will ever use: sessions without manifest (once they are old enough not to be in the
 * making), manifests and derived files without session, unfinished files of dead processes, empty directories.
 */
export async function removeOrphans(scan: StoreScan, protection: Protection): Promise<number> {
  let removed = 0;
  for (const session of scan.sessions) {
    if (!isOrphan(session, protection)) continue;
    await removeSession(session.path);
    removed++;
  }
  removed += await removeAbandoned(scan);
  for (const directory of scan.directories) {
    const isOld = directory.stats.mtimeMs < protection.now - recentUseMs;
    if (isOld) await rmdir(directory.path).catch(() => undefined); // not empty, or already gone
  }
  return removed;
}

/** Removes unfinished files of dead processes. */
export async function removeAbandoned(scan: StoreScan): Promise<number> {
  let removed = 0;
  for (const file of scan.temporaries) {
    if (isAbandoned(file) && (await removeFile(file.path)) === 'removed') removed++;
  }
  return removed;
}

/** Removes sessions of other fingerprints than `fingerprint` that nobody has used for {@link outdatedMs}. */
export async function removeOutdated(
  scan: StoreScan,
  fingerprint: string,
  protection: Protection,
): Promise<Removal> {
  const total = { removed: 0, bytes: 0 };
  for (const session of scan.sessions) {
    if (session.fingerprint === fingerprint || isProtected(session, protection)) continue;
    if (lastUse(session) > protection.now - outdatedMs) continue;
    if (!(await removeSession(session.path))) continue;
    total.bytes += sessionBytes(session);
    total.removed++;
  }
  return total;
}

/** Removes sessions in the order of {@link inEvictionOrder} until at least `excessBytes` are free. */
export async function removeLeastUseful(
  scan: StoreScan,
  excessBytes: number,
  protection: Protection,
): Promise<Removal> {
  const total = { removed: 0, bytes: 0 };
  const candidates = excessBytes > 0 ? await listCandidates(scan, protection) : [];
  for (const candidate of inEvictionOrder(candidates)) {
    if (total.bytes >= excessBytes) break;
    if (!(await candidate.remove())) continue;
    total.bytes += candidate.bytes;
    total.removed++;
  }
  return total;
}

interface Candidate extends EvictionCandidate {
  readonly bytes: number;
  readonly remove: () => Promise<boolean>;
}

async function listCandidates(scan: StoreScan, protection: Protection): Promise<Candidate[]> {
  const candidates = scan.rejected.map(rejectedCandidate);
  for (const session of scan.sessions) {
    if (isProtected(session, protection)) continue;
    if (session.derived.length > 0) candidates.push(imageCandidate(session));
    candidates.push(await sessionCandidate(session));
  }
  return candidates;
}

function rejectedCandidate({ path, stats }: StoredFile): Candidate {
  return {
    kind: 'rejected',
    path,
    usedAt: stats.mtimeMs,
    rebuildCostMs: 0,
    bytes: stats.size,
    remove: async () => (await removeFile(path)) === 'removed',
  };
}

function imageCandidate(session: StoredSession): Candidate {
  return {
    kind: 'image',
    path: session.path,
    usedAt: lastUse(session),
    rebuildCostMs: 0,
    bytes: derivedBytes(session),
    remove: async () => {
      await removeDerived(session.path);
      return true;
    },
  };
}

async function sessionCandidate(session: StoredSession): Promise<Candidate> {
  const { kind, path } = session;
  return {
    kind,
    path,
    usedAt: lastUse(session),
    rebuildCostMs: kind === 'base' ? await rebuildCost(path) : 0,
    // What is derived from it has gone before.
    bytes: sessionBytes(session) - derivedBytes(session),
    remove: () => removeSession(path),
  };
}

/** A manifest that cannot be read, be it of another version of this program, earns no credit. */
async function rebuildCost(path: string): Promise<number> {
  const reading = await readManifest(manifestPath(path));
  return reading.kind === 'manifest' ? reading.manifest.rebuildCostMs : 0;
}

function isProtected(session: StoredSession, protection: Protection): boolean {
  if (session.session === undefined || protection.mapped.has(session.path)) return true;
  const usedAt = lastUse(session);
  const isRecent = usedAt > protection.now - recentUseMs;
  return isRecent && protection.ownUses.get(session.path) !== usedAt;
}

function isOrphan(session: StoredSession, protection: Protection): boolean {
  if (protection.mapped.has(session.path)) return false;
  if (session.session === undefined) return true;
  return session.manifest === undefined && lastUse(session) <= protection.now - recentUseMs;
}

function isAbandoned(file: StoredFile): boolean {
  const owner = temporaryOwner(file.path);
  return owner !== undefined && !isAlive(owner);
}

function lastUse(session: StoredSession): number {
  return Math.round((session.manifest ?? session.session)?.mtimeMs ?? 0);
}
