import { GgufError, HeaderReader, PrefixEnds } from './headerReader.ts';
import { tensorBytes } from './tensorBytes.ts';

/** What stands at the beginning of a GGUF file. */
export interface GgufHeader {
  /** Of metadata and tensor infos, in bytes, without the padding before the tensor data. */
  readonly length: number;
  readonly metadata: ReadonlyMap<string, GgufValue>;
  readonly tensors: number;
  /** Bytes of a file that holds all tensors. */
  readonly wholeBytes: number;
}

/** Long strings and arrays are not kept, only where they stand. */
export type GgufValue = number | bigint | boolean | string | GgufRange;

/** Bytes `start` to `end` of the file hold `count` elements. */
export interface GgufRange {
  readonly count: number;
  readonly start: number;
  readonly end: number;
}

/** Reads one scalar of each GGUF value type; strings (8) and arrays (9) are not scalars. */
const scalars = new Map<
  number,
  readonly [bytes: number, read: (b: Buffer, at: number) => GgufValue]
>([
  [0, [1, (b, at) => b.readUInt8(at)]],
  [1, [1, (b, at) => b.readInt8(at)]],
  [2, [2, (b, at) => b.readUInt16LE(at)]],
  [3, [2, (b, at) => b.readInt16LE(at)]],
  [4, [4, (b, at) => b.readUInt32LE(at)]],
  [5, [4, (b, at) => b.readInt32LE(at)]],
  [6, [4, (b, at) => b.readFloatLE(at)]],
  [7, [1, (b, at) => b.readUInt8(at) !== 0]],
  [10, [8, (b, at) => b.readBigUInt64LE(at)]],
  [11, [8, (b, at) => b.readBigInt64LE(at)]],
  [12, [8, (b, at) => b.readDoubleLE(at)]],
]);
const stringType = 8;
const arrayType = 9;
const maxStringBytes = 64 * 1024;
/** The smallest possible entries: a key of no bytes with a one-byte value; a tensor without dimensions. */
const minMetadataBytes = 13;
const minTensorBytes = 24;
const maxDimensions = 8;
const defaultAlignment = 32;

/**
 * Reads the header of a GGUF file, or nothing if `prefix` ends before it does. Every length is checked against
 * `fileBytes` first. Throws `ERR_WARMFORK_NOT_GGUF`.
 */
export function readGgufHeader(prefix: Buffer, fileBytes: number): GgufHeader | undefined {
  try {
    return read(new HeaderReader(prefix, fileBytes));
  } catch (error) {
    if (error instanceof PrefixEnds) return undefined;
    throw error;
  }
}

function read(reader: HeaderReader): GgufHeader {
  if (reader.u32() !== 0x46554747) throw new GgufError('the file does not begin with "GGUF"');
  const version = reader.u32();
  if (version !== 2 && version !== 3) throw new GgufError(`version ${version} is not supported`);
  const tensors = reader.count(minTensorBytes);
  const entries = reader.count(minMetadataBytes);
  const metadata = new Map<string, GgufValue>();
  for (let i = 0; i < entries; i++) metadata.set(reader.string(), readValue(reader, reader.u32()));
  let dataBytes = 0;
  for (let i = 0; i < tensors; i++) dataBytes = Math.max(dataBytes, readTensorEnd(reader));
  const start = alignedUp(reader.offset, metadata.get('general.alignment'));
  const wholeBytes = tensors === 0 ? reader.offset : start + dataBytes;
  return { length: reader.offset, metadata, tensors, wholeBytes };
}

function readValue(reader: HeaderReader, type: number): GgufValue {
  if (type === arrayType) return readArray(reader);
  if (type === stringType) {
    const length = reader.count(1);
    const start = reader.skip(length);
    const end = start + length;
    return length > maxStringBytes
      ? { count: 1, start, end }
      : reader.bytes.toString('utf8', start, end);
  }
  const [bytes, readScalar] = scalar(type);
  return readScalar(reader.bytes, reader.skip(bytes));
}

function readArray(reader: HeaderReader): GgufRange {
  const type = reader.u32();
  const bytes = type === stringType ? undefined : scalar(type)[0];
  const count = reader.count(bytes ?? 8);
  const start = reader.offset;
  if (bytes !== undefined) reader.skip(count * bytes);
  else for (let i = 0; i < count; i++) reader.skipString();
  return { count, start, end: reader.offset };
}

/** Where the data of the next tensor end, counted from the beginning of all data. */
function readTensorEnd(reader: HeaderReader): number {
  reader.skipString();
  const dimensions = reader.u32();
  if (dimensions > maxDimensions) throw new GgufError(`a tensor has ${dimensions} dimensions`);
  let elements = 1;
  for (let i = 0; i < dimensions; i++) elements *= Number(reader.u64());
  const type = reader.u32();
  return Number(reader.u64()) + tensorBytes(type, elements);
}

function scalar(type: number) {
  const found = scalars.get(type);
  if (found === undefined) throw new GgufError(`unknown value type ${type}`);
  return found;
}

function alignedUp(offset: number, alignment: GgufValue | undefined): number {
  const step = typeof alignment === 'number' && alignment > 0 ? alignment : defaultAlignment;
  return Math.ceil(offset / step) * step;
}
