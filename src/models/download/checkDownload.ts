import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { checkPart } from '../files/checkModel.ts';
import { DownloadError } from './downloadError.ts';

/** What a complete part has to be. */
export interface Expected {
  /** The name it will have. */
  readonly name: string;
  readonly sha256: string | undefined;
  readonly isFirst: boolean;
}

/** Throws `ERR_WARMFORK_CONTENT` when a file is not what the server promised, or no model. */
export async function checkDownload(
  path: string,
  { name, sha256, isFirst }: Expected,
  signal: AbortSignal,
): Promise<void> {
  const problem = await checkPart(path, { name, isFirst });
  if (problem !== undefined) throw content(`What was downloaded cannot be used. ${problem}`);
  if (sha256 === undefined || (await hashOf(path, signal)) === sha256) return;
  throw content(`"${name}" came damaged, its checksum is wrong: download it again.`);
}

async function hashOf(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { signal, highWaterMark: 1024 * 1024 })) {
    hash.update(chunk as Buffer);
  }
  return hash.digest('hex');
}

function content(sentence: string): DownloadError {
  return new DownloadError('ERR_WARMFORK_CONTENT', sentence);
}
