/**
 * Long bases without hours of evaluation: the cells of an evaluated base, again and again at later positions. As large,
 * as many and as restorable as those of a real base; only what a model would say of them means nothing.
 */
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';

interface Parts {
  /** Magic and version. */
  readonly start: Buffer;
  readonly tokens: Buffer;
  readonly architecture: Buffer;
  /** One stream's positions, each with the one sequence 0. */
  readonly nCells: number;
  /** V not transposed, number of layers. */
  readonly layersHead: Buffer;
  /** K of each layer, then V: type and row size, and the rows. */
  readonly tensors: readonly { readonly head: Buffer; readonly rows: Buffer }[];
}

const cellBytes = 12;

/** Writes the whole-context session file at `from`, which has one sequence of one stream, `times` over to `to`. */
export function repeatSession(from: string, to: string, times: number): void {
  const parts = split(readFileSync(from));
  const file = openSync(to, 'wx', 0o600);
  try {
    const write = (bytes: Buffer): void => writeAll(file, bytes);
    write(parts.start);
    write(uint32((parts.tokens.length / 4) * times));
    repeat(times, () => write(parts.tokens));
    write(parts.architecture);
    write(uint32(1));
    write(uint32(parts.nCells * times));
    repeat(times, (index) => write(cellsFrom(index * parts.nCells, parts.nCells)));
    write(parts.layersHead);
    for (const { head, rows } of parts.tensors) {
      write(head);
      repeat(times, () => write(rows));
    }
  } finally {
    closeSync(file);
  }
}

function split(file: Buffer): Parts {
  let at = 0;
  const take = (n: number): Buffer => file.subarray(at, (at += n));
  const number = (): number => take(4).readUInt32LE();
  const start = take(8);
  const tokens = take(4 * number());
  const nameLength = file.readUInt32LE(at);
  const architecture = take(4 + nameLength);
  if (number() !== 1) throw new Error('a session file of several streams cannot be repeated');
  const nCells = number();
  take(cellBytes * nCells);
  const layersHead = take(8);
  const nLayers = layersHead.readUInt32LE(4);
  const tensors = Array.from({ length: 2 * nLayers }, () => {
    const head = take(12);
    return { head, rows: take(Number(head.readBigUInt64LE(4)) * nCells) };
  });
  if (at !== file.length) throw new Error(`${file.length - at} bytes of the session are not known`);
  return { start, tokens, architecture, nCells, layersHead, tensors };
}

function cellsFrom(first: number, n: number): Buffer {
  const out = Buffer.alloc(cellBytes * n);
  for (let i = 0; i < n; i++) {
    out.writeInt32LE(first + i, cellBytes * i);
    out.writeUInt32LE(1, cellBytes * i + 4);
  }
  return out;
}

function uint32(value: number): Buffer {
  const out = Buffer.alloc(4);
  out.writeUInt32LE(value);
  return out;
}

function repeat(times: number, action: (index: number) => void): void {
  for (let index = 0; index < times; index++) action(index);
}

function writeAll(file: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
}
