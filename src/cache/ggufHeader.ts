import { CacheError } from './cacheError.ts';

/** Bytes of one scalar of each GGUF value type; strings (8) and arrays (9) are not scalars. */
const scalarBytes = new Map([
  [0, 1],
  [1, 1],
  [2, 2],
  [3, 2],
  [4, 4],
  [5, 4],
  [6, 4],
  [7, 1],
  [10, 8],
  [11, 8],
  [12, 8],
]);
const stringType = 8;
const arrayType = 9;
/** The smallest possible entries: a key of no bytes with a one-byte value; a tensor without dimensions. */
const minMetadataBytes = 13;
const minTensorBytes = 24;
const maxDimensions = 8;

/**
 * Length in bytes of the header of a GGUF file (metadata and tensor infos, without the padding before
 * the tensor data), or `undefined` if `prefix` ends before it does.
 *
 * Reads just enough to know where the header ends; every length is checked against `fileBytes` first.
 * Throws `ERR_WARMFORK_NOT_GGUF`.
 */
export function ggufHeaderLength(prefix: Buffer, fileBytes: number): number | undefined {
  const reader = new HeaderReader(prefix, fileBytes);
  try {
    return readHeader(reader);
  } catch (error) {
    if (error instanceof PrefixEnds) return undefined;
    throw error;
  }
}

function readHeader(reader: HeaderReader): number {
  if (reader.u32() !== 0x46554747) throw notGguf('the file does not begin with "GGUF"');
  const version = reader.u32();
  if (version !== 2 && version !== 3) throw notGguf(`version ${version} is not supported`);
  const tensors = reader.count(minTensorBytes);
  const entries = reader.count(minMetadataBytes);
  for (let i = 0; i < entries; i++) {
    reader.skipString();
    skipValue(reader, reader.u32());
  }
  for (let i = 0; i < tensors; i++) skipTensorInfo(reader);
  return reader.offset;
}

function skipValue(reader: HeaderReader, type: number): void {
  if (type === stringType) return reader.skipString();
  if (type === arrayType) return skipArray(reader);
  reader.skip(scalarSize(type));
}

function skipArray(reader: HeaderReader): void {
  const type = reader.u32();
  if (type === stringType) {
    const strings = reader.count(8);
    for (let i = 0; i < strings; i++) reader.skipString();
    return;
  }
  const bytes = scalarSize(type);
  reader.skip(reader.count(bytes) * bytes);
}

function skipTensorInfo(reader: HeaderReader): void {
  reader.skipString();
  const dimensions = reader.u32();
  if (dimensions > maxDimensions) throw notGguf(`a tensor has ${dimensions} dimensions`);
  reader.skip(dimensions * 8 + 4 + 8); // sizes, type, offset
}

function scalarSize(type: number): number {
  const bytes = scalarBytes.get(type);
  if (bytes === undefined) throw notGguf(`unknown value type ${type}`);
  return bytes;
}

/** Walks the prefix; whatever would lie beyond the file is an error, beyond the prefix a request for more. */
class HeaderReader {
  readonly #bytes: Buffer;
  readonly #fileBytes: number;
  #offset = 0;

  constructor(bytes: Buffer, fileBytes: number) {
    this.#bytes = bytes;
    this.#fileBytes = fileBytes;
  }

  get offset(): number {
    return this.#offset;
  }

  u32(): number {
    return this.#bytes.readUInt32LE(this.skip(4));
  }

  /** A 64-bit count of things that take at least `minBytes` each. */
  count(minBytes: number): number {
    const count = this.#bytes.readBigUInt64LE(this.skip(8));
    if (count * BigInt(minBytes) > BigInt(this.#fileBytes - this.#offset)) {
      throw notGguf(`it says ${count} entries at byte ${this.#offset - 8}, more than it can hold`);
    }
    return Number(count);
  }

  skipString(): void {
    this.skip(this.count(1));
  }

  /** Moves on by `bytes` and returns where it was. */
  skip(bytes: number): number {
    const start = this.#offset;
    if (start + bytes > this.#fileBytes) throw notGguf('the header is cut off');
    if (start + bytes > this.#bytes.length) throw new PrefixEnds();
    this.#offset = start + bytes;
    return start;
  }
}

/** Not a fault: the caller has to read more of the file. */
class PrefixEnds extends Error {}

function notGguf(why: string): CacheError {
  return new CacheError('ERR_WARMFORK_NOT_GGUF', `Not a usable GGUF file: ${why}.`);
}
