import { removeFile } from './files.ts';
import { removeAbandoned } from './eviction.ts';
import { removeSession } from './removeSession.ts';
import { scanStore, type StoredSession } from './storeScan.ts';

/**
 * Removes from the cache directory, whoever's it is, every session that `isUnwanted`, what was set aside, and what dead
 * processes left. For settings that say what may be kept at all. Resolves to how many sessions there were.
 */
export async function removeKept(
  root: string,
  isUnwanted: (session: StoredSession) => boolean,
): Promise<number> {
  const scan = await scanStore(root);
  let removed = 0;
  for (const session of scan.sessions) {
    if (isUnwanted(session) && (await removeSession(session.path))) removed++;
  }
  for (const { path } of scan.rejected) await removeFile(path);
  await removeAbandoned(scan);
  return removed;
}
