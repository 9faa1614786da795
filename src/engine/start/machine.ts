/** Context parameters from the model, the settings and the machine. */
import { availableParallelism } from 'node:os';
import type { ContextOptions, ModelInfo } from '../../../native/index.js';
import type { EngineSettings } from '../../protocol/settings.ts';

export const defaultContextTokens = 16384;
const sequences = 32;

/**
 * On a CPU ubatches are small: an aborted decode loses the ubatch it was in, and nobody waits longer than that for an
 * inline completion. On a GPU large ones are what makes prefill fast.
 */
export function contextOptions(
  model: ModelInfo,
  settings: EngineSettings,
  variant: string,
): ContextOptions {
  const wanted = settings.contextTokens > 0 ? settings.contextTokens : defaultContextTokens;
  const threads = settings.threads > 0 ? settings.threads : defaultThreads(model);
  return {
    nCtx: roundUp(Math.max(512, Math.min(wanted, model.nCtxTrain))),
    nBatch: 512,
    nUbatch: variant === 'cpu' ? 64 : 512,
    nSeqMax: sequences,
    nThreads: threads,
    nThreadsBatch: threads,
    kvType: settings.kvType,
    swaFull: true,
  };
}

/** llama.cpp would do it itself; an image is for the exact number. */
function roundUp(cells: number): number {
  return Math.ceil(cells / 256) * 256;
}

/** Below this size a layer is done sooner than threads have met; one that is kept waiting costs all of them. */
const singleThreadBytes = 64 * 1024 ** 2;

/** Half of the logical processors of a larger machine: the other half are mostly their twins. */
function defaultThreads(model: ModelInfo): number {
  if (model.sizeBytes < singleThreadBytes) return 1;
  const processors = availableParallelism();
  return processors <= 4 ? processors : Math.max(4, Math.floor(processors / 2));
}
