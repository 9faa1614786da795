interface GgufOptions {
  readonly version?: number;
  readonly tokens?: readonly string[];
  readonly tensors?: readonly string[];
  /** What the header says instead of the true number of metadata entries. */
  readonly entryCount?: bigint;
  readonly arrayType?: number;
}

/** A GGUF header with a value of each kind: scalar, string, array of scalars, array of strings. */
export function buildGgufHeader(options: GgufOptions = {}): Buffer {
  const { version = 3, tokens = [], tensors = [], entryCount = 4n, arrayType = 6 } = options;
  return Buffer.concat([
    Buffer.from('GGUF'),
    u32(version),
    u64(BigInt(tensors.length)),
    u64(entryCount),
    ...[text('general.name'), u32(8), text('fixture')],
    ...[text('general.file_type'), u32(4), u32(1)],
    ...[text('scores'), u32(9), u32(arrayType), u64(2n), u32(0), u32(0)],
    ...[text('tokens'), u32(9), u32(8), u64(BigInt(tokens.length)), ...tokens.map(text)],
    ...tensors.map(tensorInfo),
  ]);
}

function tensorInfo(name: string): Buffer {
  return Buffer.concat([text(name), u32(2), u64(4n), u64(5n), u32(0), u64(0n)]);
}

function text(value: string): Buffer {
  return Buffer.concat([u64(BigInt(Buffer.byteLength(value))), Buffer.from(value)]);
}

function u32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  return buffer;
}

function u64(value: bigint): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64LE(value);
  return buffer;
}
