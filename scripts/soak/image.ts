/** An image of a random base with the stand-in model, in a folder of its own. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Context, ContextOptions, ImageFiles, Model } from '../../native/index.js';
import { loadLlamaLibrary } from '../../src/engine/native/loadLlama.ts';
import type { NativeModule } from '../../src/engine/native/loadNative.ts';
import { inRoot } from '../lib/paths.ts';

export const contextOptions: ContextOptions = {
  nCtx: 4096,
  nBatch: 256,
  nUbatch: 64,
  nSeqMax: 16,
  nThreads: 1,
  nThreadsBatch: 1,
  kvType: 'f16',
  swaFull: true,
};

export const baseTokens = 1024;

export interface Loaded {
  readonly native: NativeModule;
  readonly model: Model;
}

export async function load(): Promise<Loaded> {
  const { native } = await loadLlamaLibrary({ gpu: false });
  const path = inRoot('models', 'stand-in.gguf');
  return { native, model: await native.Model.load({ path, gpuLayers: 0, useMmap: true }) };
}

export function randomTokens(model: Model, n: number): Int32Array {
  return Int32Array.from({ length: n }, () =>
    Math.floor(32 + Math.random() * (model.info.nVocab - 64)),
  );
}

/** Evaluates a base and writes its image. */
export async function writeImage({ native, model }: Loaded): Promise<ImageFiles> {
  const plain = await native.Context.create(model, contextOptions);
  const tokens = randomTokens(model, baseTokens);
  for (let at = 0; at < tokens.length; at += contextOptions.nBatch)
    await plain.decode([
      { sequence: 0, position: at, tokens: tokens.subarray(at, at + contextOptions.nBatch) },
    ]);
  const building = await native.Context.createForImage(plain);
  await building.importSequence(await plain.exportSequence(0), 0);
  const folder = mkdtempSync(join(tmpdir(), 'warmfork-soak-'));
  const files = {
    cellsPath: join(folder, 'base.cells'),
    metaPath: join(folder, 'base.meta'),
    identity: 'soak',
  };
  await building.writeImage(files, tokens);
  await building.close();
  await plain.close();
  return files;
}

/** A fingerprint of what a fork of the base computes for a fixed suffix. */
export async function probe(context: Context, model: Model): Promise<string> {
  const suffix = Int32Array.from({ length: 8 }, (_, at) => 40 + ((at * 97) % model.info.nVocab));
  await context.removeSequence(1, -1, -1);
  await context.copySequence(0, 1, 0, baseTokens);
  await context.decode([{ sequence: 1, position: baseTokens, tokens: suffix, sample: {} }]);
  const logits = await context.lastLogits();
  await context.removeSequence(1, -1, -1);
  return Buffer.from(logits.buffer).toString('base64');
}
