import { mkdir, statfs } from 'node:fs/promises';
import { formatBytes } from '../../base/format.ts';
import { DownloadError } from './downloadError.ts';

/** Left free: a disk that is full to the last byte is no good to anyone. */
const reserveBytes = 64 * 1024 ** 2;

/** Throws `ERR_WARMFORK_DISK` when `bytes` more do not fit; a file system that does not tell is believed to have room. */
export async function requireSpace(folder: string, bytes: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  const disk = await statfs(folder).catch(() => undefined);
  if (disk === undefined || bytes === 0) return;
  const free = disk.bavail * disk.bsize;
  if (bytes + reserveBytes <= free) return;
  throw new DownloadError(
    'ERR_WARMFORK_DISK',
    `There is not enough room for this model: it takes ${formatBytes(bytes)} more, and ${formatBytes(free)} are free where ${folder} is; make room or take a smaller one.`,
  );
}
