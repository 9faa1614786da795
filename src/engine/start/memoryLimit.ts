/** A context as large as the memory allows, and words for a person where that is less than was wanted. */
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { ContextOptions, ModelInfo } from '../../../native/index.js';
import { EngineError } from '../errors.ts';
import type { AvailableMemory } from './availableMemory.ts';
import { fitContext, shapeOf } from './fitContext.ts';

export interface FittedContext {
  readonly options: ContextOptions;
  /** Set when the context is smaller than was wanted. */
  readonly notice: string | undefined;
}

/** Rejects when the weights alone are more than there is: then the model need not be loaded to know. */
export async function requireRoomForWeights(
  memory: AvailableMemory | undefined,
  modelPath: string,
): Promise<void> {
  // A file that is not there is reported where it is loaded.
  const bytes = await stat(modelPath).then(
    ({ size }) => size,
    () => 0,
  );
  if (memory !== undefined && bytes > memory.bytes) throw tooLarge(modelPath, bytes, memory);
}

/** Throws when not even a small context fits. */
export function fitIntoMemory(
  memory: AvailableMemory | undefined,
  model: ModelInfo,
  wanted: ContextOptions,
  modelPath: string,
): FittedContext {
  const fit =
    memory === undefined ? ({ kind: 'fits' } as const) : fitContext(shapeOf(model), wanted, memory);
  if (memory === undefined || fit.kind === 'fits') return { options: wanted, notice: undefined };
  if (fit.kind === 'none') throw tooLarge(modelPath, fit.needBytes, memory);
  const { nCtx } = fit;
  const notice = `The context was reduced from ${wanted.nCtx} to ${nCtx} tokens: ${words(memory)}.`;
  return { options: { ...wanted, nCtx }, notice };
}

function tooLarge(modelPath: string, needBytes: number, memory: AvailableMemory): EngineError {
  return new EngineError(
    'ERR_WARMFORK_MODEL',
    `${basename(modelPath)} needs about ${giB(needBytes)} of memory, but only ${words(memory)}; choose a smaller model or a smaller quantisation of it, or give it more memory.`,
  );
}

function words({ bytes, where }: AvailableMemory): string {
  return `${giB(bytes)} of memory are available ${where}`;
}

function giB(bytes: number): string {
  return `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
}
