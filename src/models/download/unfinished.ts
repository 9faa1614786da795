import { stat } from 'node:fs/promises';
import type { UnfinishedDownload } from '../../protocol/models.ts';
import { isFirstPart } from '../files/modelParts.ts';
import { walkFiles } from '../files/walk.ts';
import { noteEnding, readNote } from './partFile.ts';

/** Downloads that were interrupted; of a split model the first part that is not complete stands for it. */
export async function unfinishedDownloads(folder: string): Promise<UnfinishedDownload[]> {
  const unfinished = new Map<string, UnfinishedDownload>();
  for await (const path of walkFiles(folder)) {
    if (!path.endsWith(noteEnding)) continue;
    const target = path.slice(0, -noteEnding.length);
    const note = await readNote(target);
    const part = await stat(`${target}.part`).catch(() => undefined);
    if (!note || !part || (unfinished.has(note.reference) && !isFirstPart(target))) continue;
    const { reference, fileName, totalBytes } = note;
    unfinished.set(reference, { reference, fileName, doneBytes: part.size, totalBytes });
  }
  return [...unfinished.values()];
}
