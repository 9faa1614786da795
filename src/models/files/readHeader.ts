import { open, type FileHandle } from 'node:fs/promises';
import { type GgufHeader, readGgufHeader } from '../../base/gguf/ggufHeader.ts';
import { GgufError } from '../../base/gguf/headerReader.ts';

export interface ReadHeader extends GgufHeader {
  /** The file's first bytes, at least the header. */
  readonly bytes: Buffer;
  readonly fileBytes: number;
}

const firstReadBytes = 1024 * 1024;
/** No real header comes near this (vocabularies take some MB); it bounds what a forged one can cost. */
const maxHeaderBytes = 256 * 1024 * 1024;

/** Throws `ERR_WARMFORK_NOT_GGUF`, or what the file system says. */
export async function readHeader(path: string): Promise<ReadHeader> {
  const file = await open(path, 'r');
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw new GgufError('it is not a file');
    return await readFrom(file, stats.size);
  } finally {
    await file.close();
  }
}

async function readFrom(file: FileHandle, fileBytes: number): Promise<ReadHeader> {
  for (let wanted = firstReadBytes; wanted <= maxHeaderBytes; wanted *= 4) {
    const buffer = Buffer.alloc(Math.min(wanted, fileBytes));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
    const bytes = buffer.subarray(0, bytesRead);
    const header = readGgufHeader(bytes, fileBytes);
    if (header !== undefined) return { ...header, bytes, fileBytes };
    if (bytesRead < buffer.length) throw new GgufError('it got shorter');
  }
  throw new GgufError('the header has no end');
}
