/** Reads every session file of this workspace, and looks at everything else in the cache directory. Changes nothing. */
import { relative } from 'node:path';
import type { SessionEntry } from '../../cache/sessionEntry.ts';
import type { SessionReport, VerifiedSession } from '../../protocol/sessionReport.ts';
import { sessionId } from './listSessions.ts';
import type { Persistence } from '../runtime.ts';
import type { SessionIo } from './sessionIo.ts';

/** How often a session is looked at again that was saved meanwhile. */
const attempts = 3;

export async function verifySessions({ store, io }: Persistence): Promise<SessionReport> {
  const sessions: VerifiedSession[] = [];
  for (const entry of await store.list()) {
    const verified = await verifyEntry(entry);
    if (verified !== undefined) sessions.push(verified);
  }
  const problems = (await store.check()).map(({ path, problem }) => ({
    path: relative(store.root, path),
    problem,
  }));
  const { bytes, budgetBytes } = await store.diskUsage();
  return { root: store.root, sessions, problems, bytes, budgetBytes };

  /** `undefined` if it has gone meanwhile. */
  async function verifyEntry(found: SessionEntry): Promise<VerifiedSession | undefined> {
    let entry: SessionEntry | undefined = found;
    let problem: string | undefined;
    for (let attempt = 0; attempt < attempts && entry !== undefined; attempt++) {
      problem = await findProblem(io, entry);
      if (problem === undefined) break;
      const now: SessionEntry | undefined = await present(entry.path);
      if (now !== undefined && isSame(now, entry)) break;
      entry = now;
    }
    return entry && describe(entry, problem);
  }

  async function present(path: string): Promise<SessionEntry | undefined> {
    return (await store.list()).find((entry) => entry.path === path);
  }

  function describe(entry: SessionEntry, problem: string | undefined): VerifiedSession {
    const { manifest, path, usedAt } = entry;
    return {
      kind: manifest.kind,
      id: sessionId(manifest),
      path: relative(store.root, path),
      tokens: manifest.tokens,
      sizeBytes: manifest.sizeBytes,
      usedAt,
      ...(problem !== undefined && { problem }),
    };
  }
}

/** Reads a session file to the end: what is wrong with it, in words, or `undefined`. */
export async function findProblem(
  io: SessionIo,
  { path, manifest, clean }: SessionEntry,
): Promise<string | undefined> {
  if (!clean) return 'its writer has not finished, or ended before it had';
  try {
    const reader = await io.reader(path, manifest.kind === 'base' ? 'context' : 'sequence');
    try {
      const checksum = await reader.checksum();
      return checksum === manifest.checksum ? undefined : 'its content has changed (checksum)';
    } finally {
      await reader.close();
    }
  } catch (error) {
    return (error as Error).message;
  }
}

/** Whether nobody has saved in between. */
function isSame(a: SessionEntry, b: SessionEntry): boolean {
  return a.manifest.createdAt === b.manifest.createdAt && a.clean === b.clean;
}
