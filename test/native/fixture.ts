import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Context, ContextOptions, DecodeResult, Model } from '../../native/index.d.ts';
import { loadLlamaLibrary, type LlamaLibrary } from '../../src/engine/native/loadLlama.ts';

export const standInPath = fileURLToPath(new URL('../../models/stand-in.gguf', import.meta.url));

export const defaultContext: ContextOptions = {
  nCtx: 1024,
  nBatch: 1024,
  nUbatch: 64,
  nSeqMax: 4,
  // llama.cpp's threads spin: two of them crawl on a machine that does something else too.
  nThreads: 1,
  nThreadsBatch: 1,
  kvType: 'f16',
  swaFull: true,
};

let library: Promise<LlamaLibrary> | undefined;

/** One per test file: the process loads libllama once. */
export function loadLibrary(): Promise<LlamaLibrary> {
  library ??= loadLlamaLibrary({ gpu: false });
  return library;
}

export async function loadStandIn(): Promise<Model> {
  if (!existsSync(standInPath)) {
    throw new Error(`${standInPath} is missing: run "npx tsx scripts/make-model.ts"`);
  }
  const { native } = await loadLibrary();
  return native.Model.load({ path: standInPath, gpuLayers: 0, useMmap: true });
}

export async function createContext(
  model: Model,
  options: Partial<ContextOptions> = {},
): Promise<Context> {
  const { native } = await loadLibrary();
  return native.Context.create(model, { ...defaultContext, ...options });
}

/** `n` text tokens that look random and are the same in every run. */
export function someTokens(model: Model, n: number, seed = 1): Int32Array {
  const tokens = new Int32Array(n);
  let state = seed;
  for (let i = 0; i < n; i++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    tokens[i] = 32 + ((state >>> 8) % (model.info.nVocab - 64));
  }
  return tokens;
}

/** Decodes tokens at the end of a sequence, in one batch, and samples greedily. */
export async function append(
  context: Context,
  sequence: number,
  tokens: Int32Array,
): Promise<DecodeResult> {
  const position = (await context.maxPosition(sequence)) + 1;
  return context.decode([{ sequence, position, tokens, sample: {} }]);
}

/** What a promise or a call that throws at once fails with; fails itself when nothing does. */
export async function failureOf(call: () => unknown): Promise<{
  readonly code?: string;
  readonly reason?: string;
  readonly name: string;
  readonly message: string;
}> {
  try {
    await call();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing failed');
}

export function sameFloats(a: Float32Array, b: Float32Array): boolean {
  return Buffer.from(a.buffer, a.byteOffset, a.byteLength).equals(
    Buffer.from(b.buffer, b.byteOffset, b.byteLength),
  );
}
