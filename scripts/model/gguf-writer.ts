import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';

/** A metadata value, with the GGUF type it is written as. */
export type GgufValue =
  | { readonly kind: 'u32' | 'f32'; readonly value: number }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'strings'; readonly value: readonly string[] }
  | { readonly kind: 'i32s' | 'f32s'; readonly value: readonly number[] };

export type GgufTensorType = 'f32' | 'f16' | 'q8_0';

/** A tensor whose data is produced piece by piece, so that a big model needs no big buffer. */
export interface GgufTensor {
  readonly name: string;
  /** Sizes in GGUF's order: the contiguous dimension first. */
  readonly shape: readonly number[];
  readonly type: GgufTensorType;
  /** The encoded bytes in order; together exactly `tensorBytes(tensor)`. */
  readonly chunks: () => Iterable<Uint8Array>;
}

export interface GgufFile {
  readonly metadata: readonly (readonly [key: string, value: GgufValue])[];
  readonly tensors: readonly GgufTensor[];
}

const ALIGNMENT = 32;
const VERSION = 3;
const VALUE_TYPE = { u32: 4, i32: 5, f32: 6, bool: 7, string: 8, array: 9 } as const;
const TENSOR_TYPE: Readonly<Record<GgufTensorType, { id: number; block: number; bytes: number }>> =
  {
    f32: { id: 0, block: 1, bytes: 4 },
    f16: { id: 1, block: 1, bytes: 2 },
    q8_0: { id: 8, block: 32, bytes: 34 },
  };

/** Encoded size of a tensor in bytes. Throws when a row is not a whole number of blocks. */
export function tensorBytes(tensor: Pick<GgufTensor, 'name' | 'shape' | 'type'>): number {
  const { block, bytes } = TENSOR_TYPE[tensor.type];
  const row = tensor.shape[0] ?? 0;
  if (row % block !== 0) throw new RangeError(`${tensor.name}: rows of ${row} in ${tensor.type}`);
  return (tensor.shape.reduce((product, size) => product * size, 1) / block) * bytes;
}

/** Writes a GGUF version 3 file; the file appears under its name only when it is complete. */
export function writeGguf(path: string, file: GgufFile): void {
  const partial = `${path}.${process.pid}.partial`;
  const fd = openSync(partial, 'w');
  try {
    writeFile(fd, file);
    closeSync(fd);
    renameSync(partial, path);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}

function writeFile(fd: number, file: GgufFile): void {
  writeAll(fd, encodeHeader(file));
  for (const tensor of file.tensors) {
    let written = 0;
    for (const chunk of tensor.chunks()) {
      writeAll(fd, chunk);
      written += chunk.length;
    }
    const expected = tensorBytes(tensor);
    if (written !== expected) {
      throw new RangeError(`${tensor.name}: ${written} bytes written, ${expected} declared`);
    }
    writeAll(fd, Buffer.alloc(align(written) - written));
  }
}

function encodeHeader({ metadata, tensors }: GgufFile): Buffer {
  const parts: Buffer[] = [
    Buffer.from('GGUF', 'latin1'),
    u32(VERSION),
    u64(tensors.length),
    u64(metadata.length),
  ];
  // Not spread into `push`: a vocabulary has more entries than a call may have arguments.
  for (const [key, value] of metadata) parts.push(text(key), encodeValue(value));
  let offset = 0;
  for (const tensor of tensors) {
    parts.push(text(tensor.name), u32(tensor.shape.length), ...tensor.shape.map(u64));
    parts.push(u32(TENSOR_TYPE[tensor.type].id), u64(offset));
    offset += align(tensorBytes(tensor));
  }
  const header = Buffer.concat(parts);
  return Buffer.concat([header, Buffer.alloc(align(header.length) - header.length)]);
}

function encodeValue(value: GgufValue): Buffer {
  switch (value.kind) {
    case 'u32':
      return Buffer.concat([u32(VALUE_TYPE.u32), u32(value.value)]);
    case 'f32':
      return Buffer.concat([u32(VALUE_TYPE.f32), f32(value.value)]);
    case 'bool':
      return Buffer.concat([u32(VALUE_TYPE.bool), Buffer.from([value.value ? 1 : 0])]);
    case 'string':
      return Buffer.concat([u32(VALUE_TYPE.string), text(value.value)]);
    case 'strings':
      return encodeArray(VALUE_TYPE.string, value.value.map(text));
    case 'i32s':
      return encodeArray(VALUE_TYPE.i32, value.value.map(i32));
    case 'f32s':
      return encodeArray(VALUE_TYPE.f32, value.value.map(f32));
  }
}

function encodeArray(type: number, items: readonly Buffer[]): Buffer {
  return Buffer.concat([u32(VALUE_TYPE.array), u32(type), u64(items.length), ...items]);
}

const align = (size: number): number => Math.ceil(size / ALIGNMENT) * ALIGNMENT;

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) {
    done += writeSync(fd, bytes, done, bytes.length - done);
  }
}

function u32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  return buffer;
}

function i32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32LE(value);
  return buffer;
}

function f32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeFloatLE(value);
  return buffer;
}

function u64(value: number): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64LE(BigInt(value));
  return buffer;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'utf8');
  return Buffer.concat([u64(bytes.length), bytes]);
}
