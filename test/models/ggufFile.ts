/** Small GGUF files with the headers that tests need; no weights of any use. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export interface GgufFileOptions {
  readonly architecture?: string;
  readonly name?: string;
  readonly tokens?: readonly string[];
  readonly fileType?: number;
  /** Bytes of the one tensor, in 34-byte blocks of Q8_0. */
  readonly blocks?: number;
  /** Leaves this many bytes away at the end. */
  readonly cut?: number;
  readonly filler?: number;
}

export function ggufBytes(options: GgufFileOptions = {}): Buffer {
  const { architecture = 'qwen2', name = 'Tiny Coder', fileType = 7, blocks = 100 } = options;
  const tokens = options.tokens ?? ['a', 'b', '<|fim_prefix|>'];
  const entries = [
    [text('general.architecture'), u32(8), text(architecture)],
    [text('general.name'), u32(8), text(name)],
    [text('general.file_type'), u32(4), u32(fileType)],
    [text(`${architecture}.context_length`), u32(4), u32(32_768)],
    ...(tokens.length === 0
      ? []
      : [[text('tokenizer.ggml.tokens'), u32(9), u32(8), u64(tokens.length), ...tokens.map(text)]]),
  ];
  const tensor = [text('w'), u32(1), u64(blocks * 32), u32(8), u64(0)];
  const header = Buffer.concat([
    ...[Buffer.from('GGUF'), u32(3), u64(1), u64(entries.length)],
    ...entries.flat(),
    ...tensor,
  ]);
  const padding = Buffer.alloc((32 - (header.length % 32)) % 32);
  const data = Buffer.alloc(blocks * 34, options.filler ?? 7);
  const whole = Buffer.concat([header, padding, data]);
  return whole.subarray(0, whole.length - (options.cut ?? 0));
}

export function writeGguf(path: string, options: GgufFileOptions = {}): string {
  return writeFile(path, ggufBytes(options));
}

export function writeFile(path: string, content: string | Buffer): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

function text(value: string): Buffer {
  return Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)]);
}

function u32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  return buffer;
}

function u64(value: number): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64LE(BigInt(value));
  return buffer;
}
