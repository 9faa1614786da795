/** A model and a context to ask it in, on the addon alone. */
import { existsSync } from 'node:fs';
import type { Context, Model } from '../../native/index.js';
import { loadLlamaLibrary } from '../../src/engine/native/loadLlama.ts';
import { Tokenizer } from '../../src/engine/inference/tokenizer.ts';
import { Judge } from './judge.ts';

export interface OpenModel {
  readonly tokenizer: Tokenizer;
  readonly judge: Judge;
  close(): Promise<void>;
}

export interface OpenModelOptions {
  readonly path: string;
  readonly threads: number;
  readonly budgetTokens: number;
}

/** For prompt, windows and what is generated above the base. */
const roomTokens = 4096;

/** Rejects when the file is not there or no model. */
export async function openModel(options: OpenModelOptions): Promise<OpenModel> {
  const { path, threads, budgetTokens } = options;
  if (!existsSync(path)) throw new Error(`there is no model at ${path}`);
  const { native } = await loadLlamaLibrary({ gpu: false });
  const model: Model = await native.Model.load({ path, gpuLayers: 0, useMmap: true });
  const context: Context = await native.Context.create(model, {
    nCtx: budgetTokens + roomTokens,
    nBatch: 512,
    nUbatch: 512,
    nSeqMax: 2,
    nThreads: threads,
    nThreadsBatch: threads,
    kvType: 'f16',
    swaFull: true,
  });
  const tokenizer = new Tokenizer(model);
  return {
    tokenizer,
    judge: new Judge(context, tokenizer),
    async close() {
      await context.close();
      await model.close();
    },
  };
}
