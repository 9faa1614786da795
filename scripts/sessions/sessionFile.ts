/** A session file as bytes: header, tokens, checksum. The KV cells are llama.cpp's own. */
import { createReadStream } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { Xxh64 } from '../../src/base/xxh64.ts';
import { type Manifest, readManifest } from '../../src/cache/manifest.ts';
import { manifestPath } from '../../src/cache/sessionName.ts';
import { hashTokens } from '../../src/cache/tokenHash.ts';
import { CommandFailure } from './commandTypes.ts';

export interface SessionHeader {
  readonly layout: 'whole context' | 'one sequence';
  readonly version: number;
  readonly tokens: number;
  /** As in the manifest. */
  readonly tokensHash: string;
  readonly fileBytes: number;
  /** What follows the tokens: cells and their metadata. */
  readonly payloadBytes: number;
}

/** Formats by their magic: `ggsn` and `ggsq`, as little-endian numbers. */
const formats = new Map([
  [0x6767736e, { layout: 'whole context', version: 10 } as const],
  [0x67677371, { layout: 'one sequence', version: 3 } as const],
]);
const headerBytes = 12;

/** Finds a file by its path, or by its path below the cache directory. */
export async function findFile(name: string, root: string, directory: string): Promise<string> {
  const paths = isAbsolute(name) ? [name] : [resolve(directory, name), join(root, name)];
  for (const path of paths)
    if ((await stat(path).catch(() => undefined))?.isFile() === true) return path;
  throw new CommandFailure(`There is no file ${paths.join(' and no ')}.`);
}

/** Reads header and tokens; a {@link CommandFailure} says what is wrong with them. */
export async function readHeader(path: string): Promise<SessionHeader> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const header = await read(file, 0, headerBytes, path);
    const magic = header.readUInt32LE(0);
    if (magic === 0) throw new CommandFailure(`${path} is absent: nothing was completely saved.`);
    const format = formats.get(magic);
    if (format === undefined) throw new CommandFailure(`${path} is not a session file.`);
    const version = header.readUInt32LE(4);
    if (version !== format.version)
      throw new CommandFailure(
        `${path} has format version ${version}; this program knows ${format.version}.`,
      );
    const tokens = header.readUInt32LE(8);
    const payloadBytes = size - headerBytes - 4 * tokens;
    if (payloadBytes < 0) throw new CommandFailure(`${path} is shorter than its ${tokens} tokens.`);
    const ids = await readTokens(file, tokens, path);
    const { layout } = format;
    return { layout, version, tokens, tokensHash: hashTokens(ids), fileBytes: size, payloadBytes };
  } finally {
    await file.close();
  }
}

/** XXH64 of the first `bytes` bytes, in the form that manifests have. */
export async function checksumOf(path: string, bytes: number): Promise<string> {
  const hash = new Xxh64();
  if (bytes > 0) {
    const stream = createReadStream(path, { end: bytes - 1, highWaterMark: 1 << 20 });
    for await (const chunk of stream) hash.update(chunk as Buffer);
  }
  return `xxh64:${hash.digest()}`;
}

/** The manifest beside a session file; `undefined` if there is none. */
export async function manifestBeside(path: string): Promise<Manifest | undefined> {
  const reading = await readManifest(manifestPath(path));
  if (reading.kind === 'doubt')
    throw new CommandFailure(`${manifestPath(path)}: ${reading.reason}: ${reading.detail}`);
  return reading.kind === 'manifest' ? reading.manifest : undefined;
}

/** What a session file and its manifest disagree about; empty when all is well. */
export async function findDisagreements(
  path: string,
  header: SessionHeader,
  manifest: Manifest,
): Promise<readonly string[]> {
  if (!manifest.clean) return ['its writer has not finished, or ended before it had'];
  const layout = manifest.kind === 'base' ? 'whole context' : 'one sequence';
  const found: string[] = [];
  const compare = (what: string, got: string | number, want: string | number): void => {
    if (got !== want) found.push(`${what}: ${got} in the file, ${want} in the manifest`);
  };
  compare('size', header.fileBytes, manifest.sizeBytes);
  compare('layout', header.layout, layout);
  compare('tokens', header.tokens, manifest.tokens);
  compare('hash of the tokens', header.tokensHash, manifest.tokensHash);
  compare('checksum', await checksumOf(path, manifest.sizeBytes), manifest.checksum);
  return found;
}

async function readTokens(file: FileHandle, n: number, path: string): Promise<Int32Array> {
  const bytes = await read(file, headerBytes, 4 * n, path);
  return Int32Array.from({ length: n }, (_, i) => bytes.readInt32LE(4 * i));
}

async function read(file: FileHandle, at: number, length: number, path: string): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, at);
  if (bytesRead === length) return buffer;
  throw new CommandFailure(`${path} is too short for a session file.`);
}
