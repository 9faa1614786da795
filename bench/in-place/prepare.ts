/** Makes the files that are measured: a session file of a base, and its image. */
import { chmodSync } from 'node:fs';
import type { Context } from '../../native/index.d.ts';
import { contextOptions, textTokens, type Engine } from './engine.ts';
import type { Base } from './jobs.ts';
import { repeatSession } from './repeatSession.ts';

/** Tokens that are really evaluated; every base consists of as many of them as it needs. */
export const chunkTokens = 1024;

export async function evaluateChunk(engine: Engine, base: Base, path: string): Promise<void> {
  const context = await engine.native.Context.create(engine.model, contextOptions(base));
  const tokens = textTokens(engine.model, 0, chunkTokens);
  const { nBatch } = context;
  for (let position = 0; position < chunkTokens; position += nBatch) {
    const batch = tokens.subarray(position, position + nBatch);
    const { status } = await context.decode([{ sequence: 0, position, tokens: batch }]);
    if (status !== 'done') throw new Error(`the base could not be evaluated: "${status}"`);
  }
  await context.saveFile(path, tokens);
  await context.close();
  chmodSync(path, 0o600);
}

/** By the ways of the engine: the session file into a context, from there piece by piece into one for the image. */
export async function prepareBase(engine: Engine, base: Base, chunkPath: string): Promise<void> {
  repeatSession(chunkPath, base.sessionPath, base.nTokens / chunkTokens);
  const { native, model } = engine;
  const context = await native.Context.create(model, contextOptions(base));
  const tokens = await context.loadFile(base.sessionPath);
  const image = await native.Context.createForImage(context);
  for (let from = 0; from < tokens.length; from += 4 * chunkTokens)
    await move(context, image, from, Math.min(from + 4 * chunkTokens, tokens.length));
  await image.writeImage(base.image, tokens);
  await image.close();
  await context.close();
}

async function move(from: Context, to: Context, p0: number, p1: number): Promise<void> {
  await from.copySequence(0, 1, p0, p1);
  const cells = await from.exportSequence(1);
  await from.removeSequence(1, -1, -1);
  await to.importSequence(cells, 1);
  await to.copySequence(1, 0, p0, p1);
  await to.removeSequence(1, -1, -1);
}
