/** How large a context the memory has room for: an estimate from the model's shape, on the safe side. */
import type { ContextOptions, ModelInfo } from '../../../native/index.js';
import type { AvailableMemory } from './availableMemory.ts';

/** What of a model decides how much memory it takes. */
export interface ModelShape {
  readonly weightBytes: number;
  readonly layers: number;
  readonly embedding: number;
  readonly vocabulary: number;
  /** Elements of K and V of one cell in one layer. */
  readonly elementsPerCell: number;
}

export type ContextShape = Pick<ContextOptions, 'nCtx' | 'nUbatch' | 'nSeqMax' | 'kvType'>;

export type Fit =
  | { readonly kind: 'fits' }
  | { readonly kind: 'reduced'; readonly nCtx: number }
  /** Not even the smallest context fits, which would need so many bytes. */
  | { readonly kind: 'none'; readonly needBytes: number };

/** Below this there is no room for a base and a file, in tokens. */
export const smallestContext = 2048;

const miB = 1024 ** 2;
/** Node, the thread that reads the project, and what llama.cpp needs beside its buffers. */
const processBytes = 320 * miB;
const bytesPerElement = { f16: 2, q8_0: 34 / 32 } as const;

/** Read from the model's header; what is not there is taken for the most it can be. */
export function shapeOf({ metadata, sizeBytes, nLayer, nVocab }: ModelInfo): ModelShape {
  const architecture = metadata['general.architecture'] ?? '';
  const number = (key: string): number | undefined => {
    const value = Number(metadata[`${architecture}.${key}`] ?? NaN);
    return Number.isFinite(value) ? value : undefined;
  };
  const embedding = number('embedding_length') ?? 4096;
  const heads = number('attention.head_count') ?? 1;
  const kvHeads = number('attention.head_count_kv') ?? heads;
  const perHead = embedding / heads;
  const keyLength = number('attention.key_length') ?? perHead;
  const valueLength = number('attention.value_length') ?? perHead;
  const elementsPerCell = kvHeads * (keyLength + valueLength);
  return { weightBytes: sizeBytes, layers: nLayer, embedding, vocabulary: nVocab, elementsPerCell };
}

/** Bytes that an engine takes in all, the weights included, when a base is published beside the one that serves. */
export function memoryFor(model: ModelShape, context: ContextShape): number {
  const { weightBytes, layers, embedding, vocabulary, elementsPerCell } = model;
  const { nCtx, nUbatch, nSeqMax, kvType } = context;
  const cells = nCtx * layers * elementsPerCell * bytesPerElement[kvType];
  // The next base, at most half of the context, lies in a context of its own for a while.
  const allCells = 1.5 * cells;
  const outputs = (nUbatch + nSeqMax) * vocabulary * 4;
  // llama.cpp copies quantised weights into another layout, and still looks tokens up in the mapped file.
  const tokenTable = vocabulary * embedding;
  const activations = nUbatch * (embedding * 64 + nCtx * 8);
  return weightBytes + tokenTable + allCells + outputs + activations + processBytes;
}

/** The wanted context, or the largest of its halves that fits into what is available. */
export function fitContext(
  model: ModelShape,
  wanted: ContextShape,
  { bytes, withFiles }: Pick<AvailableMemory, 'bytes' | 'withFiles'>,
): Fit {
  const mapped = withFiles ? model.weightBytes : 0;
  // Halves: a machine that has a little more or less free today keeps its context, and with it its base.
  for (let nCtx = wanted.nCtx; ; nCtx = Math.floor(nCtx / 512) * 256) {
    const needBytes = mapped + memoryFor(model, { ...wanted, nCtx });
    if (needBytes <= bytes)
      return nCtx === wanted.nCtx ? { kind: 'fits' } : { kind: 'reduced', nCtx };
    if (nCtx / 2 < Math.min(smallestContext, wanted.nCtx)) return { kind: 'none', needBytes };
  }
}
