import { renameIfPresent, removeFile } from './files.ts';
import { derivedPaths, manifestPath } from './sessionName.ts';

/**
 * Removes a session with its manifest and what is derived from it. The manifest goes first: from that
 * moment the session is absent, however far the rest gets. True if the session file itself is gone by us.
 */
export async function removeSession(path: string): Promise<boolean> {
  await removeFile(manifestPath(path));
  await removeDerived(path);
  return (await removeFile(path)) === 'removed';
}

/** Puts a session out of use under names ending in `.rejected`; an earlier one there is replaced. */
export async function setSessionAside(path: string): Promise<void> {
  const manifest = manifestPath(path);
  await renameIfPresent(manifest, `${manifest}.rejected`);
  await removeFile(manifest); // still there only if the rename was refused
  await removeDerived(path);
  if (!(await renameIfPresent(path, `${path}.rejected`))) await removeFile(path);
}

/** Removes the image and state derived from a base. */
export async function removeDerived(path: string): Promise<void> {
  const { cells, meta } = derivedPaths(path);
  await removeFile(cells);
  await removeFile(meta);
}
