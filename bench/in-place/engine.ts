/** What a worker runs on. */
import process from 'node:process';
import type { ContextOptions, Model } from '../../native/index.d.ts';
import { loadLlamaLibrary, type LlamaLibrary } from '../../src/engine/native/loadLlama.ts';
import type { Base } from './jobs.ts';

/** Environment variable: threads of every context. */
export const threadsVariable = 'WARMFORK_BENCH_THREADS';

let library: LlamaLibrary | undefined;
let model: Model | undefined;

export interface Engine extends LlamaLibrary {
  readonly model: Model;
}

/** The library and the model, loaded once in a process. */
export async function engine(base: Base): Promise<Engine> {
  library ??= await loadLlamaLibrary({ gpu: false });
  model ??= await library.native.Model.load({
    path: base.modelPath,
    gpuLayers: 0,
    useMmap: true,
  });
  return { ...library, model };
}

/** As the engine has them on a processor. */
export function contextOptions({ nCtx, kvType }: Base): ContextOptions {
  const nThreads = Number(process.env[threadsVariable] ?? 1);
  return {
    nCtx,
    nBatch: 512,
    nUbatch: 64,
    nSeqMax: 32,
    nThreads,
    nThreadsBatch: nThreads,
    kvType,
    swaFull: true,
  };
}

/** Ordinary text tokens that a vocabulary has: those of positions `first` to `first + count`. */
export function textTokens({ info }: Model, first: number, count: number): Int32Array {
  const [low, high] = [300, Math.min(51_000, info.nVocab - 300)];
  return Int32Array.from({ length: count }, (_, i) => low + (((first + i) * 7919) % (high - low)));
}
