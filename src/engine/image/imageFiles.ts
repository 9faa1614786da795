/** The files of a base mapped in place: names, identity, and how they come and go. */
import { rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ImageFiles } from '../../../native/index.js';
import { removeFile, syncDirectory, temporaryPathFor } from '../../cache/files.ts';
import { removeDerived } from '../../cache/removeSession.ts';
import type { SessionEntry } from '../../cache/sessionEntry.ts';
import { derivedPaths } from '../../cache/sessionName.ts';

/** An image belongs to one session file: the same tokens evaluated once more may differ in the last bit. */
export function imageFilesOf({ path, manifest }: SessionEntry): ImageFiles {
  const { cells, meta } = derivedPaths(path);
  const identity = [manifest.fingerprint, manifest.baseId, manifest.checksum].join(' ');
  return { cellsPath: cells, metaPath: meta, identity };
}

/**
 * Runs `write` with temporary names and puts what it wrote in place. The metadata comes last: it names the checksum of
 * the cells, so that an older pair, half of a pair or a mixed pair is none.
 */
export async function publishImage(
  files: ImageFiles,
  write: (temporary: ImageFiles) => Promise<unknown>,
): Promise<void> {
  const { cellsPath, metaPath } = files;
  const temporary: ImageFiles = {
    ...files,
    cellsPath: temporaryPathFor(cellsPath),
    metaPath: temporaryPathFor(metaPath),
  };
  try {
    await write(temporary);
    await rename(temporary.cellsPath, cellsPath);
    await rename(temporary.metaPath, metaPath);
  } catch (error) {
    await removeFile(temporary.cellsPath);
    await removeFile(temporary.metaPath);
    throw error;
  }
  await syncDirectory(dirname(cellsPath));
}

export async function dropImage({ path }: SessionEntry): Promise<void> {
  await removeDerived(path);
}
