/**
 * Tries a graphics variant with a small model before the real one is trusted to it: the same tokens must give nearly the
 * same logits as on the processor. A driver that crashes does so here, in the engine process, and the host starts the
 * next one without it.
 */
import type { ContextOptions, Model } from '../../../native/index.js';
import { EngineError } from '../errors.ts';
import type { LlamaLibrary } from '../native/loadLlama.ts';
import { allLayers } from '../native/gpuLayers.ts';

const nTokens = 32;
/** Cosine of two computations of the same; rounding alone stays far above. */
const leastSimilarity = 0.99;

/** Rejects with `ERR_WARMFORK_GPU`. */
export async function gpuSelfTest(
  { native, variant }: Pick<LlamaLibrary, 'native' | 'variant'>,
  smallModel: string,
  gpuLayers = allLayers,
): Promise<void> {
  const problem = await compare(native, smallModel, gpuLayers).catch(
    (error: unknown) => (error as Error).message,
  );
  if (problem === undefined) return;
  throw new EngineError(
    'ERR_WARMFORK_GPU',
    `The graphics processor (${variant}) failed its self-test: ${problem}.`,
  );
}

async function compare(
  native: LlamaLibrary['native'],
  path: string,
  gpuLayers: number,
): Promise<string | undefined> {
  const onProcessor = await logitsOf(native, path, 0);
  const onGraphics = await logitsOf(native, path, gpuLayers);
  const similarity = cosine(onProcessor, onGraphics);
  if (similarity >= leastSimilarity) return undefined;
  return `it computes something else than the processor (similarity ${similarity.toFixed(3)})`;
}

async function logitsOf(
  native: LlamaLibrary['native'],
  path: string,
  gpuLayers: number,
): Promise<Float32Array> {
  const model = await native.Model.load({ path, gpuLayers, useMmap: true });
  try {
    return await evaluate(native, model);
  } finally {
    await model.close();
  }
}

async function evaluate(native: LlamaLibrary['native'], model: Model): Promise<Float32Array> {
  const options: ContextOptions = {
    ...{ nCtx: 256, nBatch: nTokens, nUbatch: nTokens, nSeqMax: 1 },
    ...{ nThreads: 1, nThreadsBatch: 1, kvType: 'f16', swaFull: true },
  };
  const context = await native.Context.create(model, options);
  try {
    const tokens = Int32Array.from({ length: nTokens }, (_, i) => (7 * i + 3) % model.info.nVocab);
    const item = { sequence: 0, position: 0, tokens, sample: {} };
    const { status } = await context.decode([item]);
    if (status !== 'done') throw new Error(`evaluating ${nTokens} tokens ended as ${status}`);
    return await context.lastLogits();
  } finally {
    await context.close();
  }
}

/** Not a number where one of them is not finite. */
export function cosine(a: Float32Array, b: Float32Array): number {
  let [product, squareA, squareB] = [0, 0, 0];
  for (const [i, x] of a.entries()) {
    const y = b[i] ?? Number.NaN;
    product += x * y;
    squareA += x * x;
    squareB += y * y;
  }
  return product / Math.sqrt(squareA * squareB);
}
