import type { Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { CacheError } from './cacheError.ts';
import type { ModelIdentity } from './fingerprint.ts';
import { ggufHeaderLength } from './ggufHeader.ts';
import { ModelIdentityCache } from './modelIdentityCache.ts';
import { hashLength } from './tokenHash.ts';

const sampleCount = 64;
const sampleBytes = 16 * 1024;
const firstReadBytes = 1024 * 1024;
/** No real header comes near this (vocabularies take some MB); it bounds what a forged one can cost. */
const maxHeaderBytes = 512 * 1024 * 1024;

/**
 * Identifies a GGUF file. The answer is kept in `cacheRoot` (if given) by path, size and times, so that
 * a second start reads nothing of the model. A model split in several files is identified by all of them.
 *
 * Throws `ERR_WARMFORK_NOT_GGUF` or `ERR_WARMFORK_MODEL_UNREADABLE`.
 */
export async function identifyModel(path: string, cacheRoot?: string): Promise<ModelIdentity> {
  const cache = cacheRoot === undefined ? undefined : new ModelIdentityCache(cacheRoot);
  const parts: ModelIdentity[] = [];
  for (const shard of shardPaths(path)) parts.push(await identifyFile(shard, cache));
  return joinIdentities(parts);
}

/** The files of a split model (`name-00001-of-00003.gguf`), or just `path`. */
export function shardPaths(path: string): readonly string[] {
  const match = /^(.*)-\d{5}-of-(\d{5})\.gguf$/.exec(path);
  if (match?.[1] === undefined || match[2] === undefined) return [path];
  const shards = Number(match[2]);
  if (shards < 1 || shards > 1000) return [path];
  return Array.from(
    { length: shards },
    (_, i) => `${match[1]}-${String(i + 1).padStart(5, '0')}-of-${match[2]}.gguf`,
  );
}

async function identifyFile(
  path: string,
  cache: ModelIdentityCache | undefined,
): Promise<ModelIdentity> {
  const file = await openModel(path);
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw unreadable(path, new Error('it is not a file'));
    const known = await cache?.find(path, stats);
    if (known !== undefined) return known;
    const identity = await readIdentity(file, stats);
    await cache?.add(path, stats, identity);
    return identity;
  } finally {
    await file.close();
  }
}

async function readIdentity(file: FileHandle, stats: Stats): Promise<ModelIdentity> {
  const header = await readHeader(file, stats.size);
  const headerHash = createHash('sha256').update(header);
  const contentHash = createHash('sha256');
  for (const [start, length] of samples(header.length, stats.size)) {
    contentHash.update(await readExactly(file, start, length));
  }
  return {
    sizeBytes: stats.size,
    headerHash: headerHash.digest('hex').slice(0, hashLength),
    contentHash: contentHash.digest('hex').slice(0, hashLength),
  };
}

async function readHeader(file: FileHandle, fileBytes: number): Promise<Buffer> {
  for (let bytes = firstReadBytes; bytes <= maxHeaderBytes; bytes *= 4) {
    const prefix = await readExactly(file, 0, Math.min(bytes, fileBytes));
    const length = ggufHeaderLength(prefix, fileBytes);
    if (length !== undefined) return prefix.subarray(0, length);
  }
  throw new CacheError('ERR_WARMFORK_NOT_GGUF', 'Not a usable GGUF file: the header has no end.');
}

/** Where to read: everything if that is not more than the samples, else spaced samples and the tail. */
function samples(start: number, end: number): readonly (readonly [number, number])[] {
  const bytes = end - start;
  if (bytes <= (sampleCount + 1) * sampleBytes) return [[start, bytes]];
  const spacing = Math.floor((bytes - sampleBytes) / sampleCount);
  const spaced = Array.from(
    { length: sampleCount },
    (_, i) => [start + i * spacing, sampleBytes] as const,
  );
  return [...spaced, [end - sampleBytes, sampleBytes]];
}

async function readExactly(file: FileHandle, start: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, start + filled);
    if (bytesRead === 0) {
      throw new CacheError('ERR_WARMFORK_NOT_GGUF', 'Not a usable GGUF file: it got shorter.');
    }
    filled += bytesRead;
  }
  return buffer;
}

async function openModel(path: string): Promise<FileHandle> {
  return open(path, 'r').catch((error: unknown) => {
    throw unreadable(path, error);
  });
}

function joinIdentities(parts: readonly ModelIdentity[]): ModelIdentity {
  const [first] = parts;
  if (first !== undefined && parts.length === 1) return first;
  const join = (texts: readonly string[]) =>
    createHash('sha256').update(texts.join('\n')).digest('hex').slice(0, hashLength);
  return {
    sizeBytes: parts.reduce((sum, part) => sum + part.sizeBytes, 0),
    headerHash: join(parts.map((part) => part.headerHash)),
    contentHash: join(parts.map((part) => part.contentHash)),
  };
}

function unreadable(path: string, cause: unknown): CacheError {
  const why = cause instanceof Error ? cause.message : String(cause);
  const message = `The model ${path} cannot be read: ${why}`;
  return new CacheError('ERR_WARMFORK_MODEL_UNREADABLE', message, { cause });
}
