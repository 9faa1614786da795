import type { GgufTensor, GgufTensorType } from './gguf-writer.ts';
import { toHalf } from './half.ts';
import type { Prng } from './prng.ts';

const BLOCK = 32;

/** A weight matrix: `rows` outputs, `cols` inputs. */
export class Matrix {
  readonly rows: number;
  readonly cols: number;
  readonly data: Float64Array;

  constructor(rows: number, cols: number) {
    this.rows = rows;
    this.cols = cols;
    this.data = new Float64Array(rows * cols);
  }

  add(row: number, col: number, value: number): void {
    if (row < 0 || row >= this.rows || col < 0 || col >= this.cols) {
      throw new RangeError(`(${row}, ${col}) outside ${this.rows} x ${this.cols}`);
    }
    const index = row * this.cols + col;
    this.data[index] = (this.data[index] ?? 0) + value;
  }

  /** Adds noise of the given deviation to some rows (all by default). */
  addNoise(prng: Prng, deviation: number, fromRow = 0, toRow = this.rows): this {
    for (let index = fromRow * this.cols; index < toRow * this.cols; index++) {
      this.data[index] = (this.data[index] ?? 0) + prng.normal() * deviation;
    }
    return this;
  }

  toTensor(name: string, type: GgufTensorType): GgufTensor {
    return {
      name,
      type,
      shape: [this.cols, this.rows],
      chunks: () => [encodeWeights(this.data, type)],
    };
  }
}

/** A vector of equal numbers, as the norms of the model are. */
export function constantTensor(name: string, length: number, value: number): GgufTensor {
  const data = new Float64Array(length).fill(value);
  return { name, type: 'f32', shape: [length], chunks: () => [encodeWeights(data, 'f32')] };
}

function encodeWeights(data: Float64Array, type: GgufTensorType): Uint8Array {
  switch (type) {
    case 'f32':
      return encodeEach(data, 4, (view, offset, value) => view.setFloat32(offset, value, true));
    case 'f16':
      return encodeEach(data, 2, (view, offset, value) =>
        view.setUint16(offset, toHalf(value), true),
      );
    case 'q8_0':
      return encodeQ8(data);
  }
}

function encodeEach(
  data: Float64Array,
  size: number,
  put: (view: DataView, offset: number, value: number) => void,
): Uint8Array {
  const view = new DataView(new ArrayBuffer(data.length * size));
  data.forEach((value, index) => put(view, index * size, value));
  return new Uint8Array(view.buffer);
}

/** Blocks of 32: a half-precision scale, then 32 signed bytes. */
function encodeQ8(data: Float64Array): Uint8Array {
  const nBlocks = data.length / BLOCK;
  const view = new DataView(new ArrayBuffer(nBlocks * (BLOCK + 2)));
  for (let block = 0; block < nBlocks; block++) {
    const values = data.subarray(block * BLOCK, (block + 1) * BLOCK);
    const largest = values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
    const scale = largest / 127;
    view.setUint16(block * (BLOCK + 2), toHalf(scale), true);
    values.forEach((value, index) =>
      view.setInt8(block * (BLOCK + 2) + 2 + index, scale === 0 ? 0 : Math.round(value / scale)),
    );
  }
  return new Uint8Array(view.buffer);
}
