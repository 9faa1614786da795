/** Images of every form of K/V that the model generator can shape: many and few heads, wide and narrow, deep and flat. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Context, ContextOptions, Model } from '../../native/index.d.ts';
import { writeGguf } from '../../scripts/model/gguf-writer.ts';
import { DEFAULT_SHAPE, type ModelShape } from '../../scripts/model/shape.ts';
import { makeStandIn } from '../../scripts/model/standIn.ts';
import { append, defaultContext, loadLibrary, sameFloats, someTokens } from './fixture.ts';

const shapes: Readonly<Record<string, Partial<ModelShape>>> = {
  'one K/V head': { kvHeads: 1 },
  'narrow heads, more of them': { headDim: 64, heads: 6, kvHeads: 2 },
  'wide heads': { headDim: 128, heads: 3, kvHeads: 3 },
  'more layers': { layers: 5 },
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'warmfork-shapes-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function load(shape: Partial<ModelShape>): Promise<Model> {
  const { native } = await loadLibrary();
  const path = join(folder, 'model.gguf');
  rmSync(path, { force: true });
  writeGguf(path, makeStandIn({ ...DEFAULT_SHAPE, ff: 64, ...shape }));
  return native.Model.load({ path, gpuLayers: 0, useMmap: false });
}

async function forkedLogits(context: Context, suffix: Int32Array): Promise<Float32Array> {
  await context.copySequence(0, 1, -1, -1);
  await append(context, 1, suffix);
  return context.lastLogits();
}

/** Logits on top of a base in a plain context, and in a context on the image of that base. */
async function bothWays(
  model: Model,
  options: ContextOptions,
): Promise<readonly [Float32Array, Float32Array]> {
  const { native } = await loadLibrary();
  const files = {
    cellsPath: join(folder, `${options.kvType}.cells`),
    metaPath: join(folder, `${options.kvType}.meta`),
    identity: '',
  };
  const plain = await native.Context.create(model, options);
  const tokens = someTokens(model, 77);
  const suffix = someTokens(model, 9, 2);
  await append(plain, 0, tokens);
  const building = await native.Context.createForImage(plain);
  await building.importSequence(await plain.exportSequence(0), 0);
  await building.writeImage(files, tokens);
  await building.close();
  const { context } = await native.Context.openImage(model, options, files);
  const logits = [await forkedLogits(plain, suffix), await forkedLogits(context, suffix)] as const;
  for (const open of [plain, context]) await open.close();
  for (const path of [files.cellsPath, files.metaPath]) rmSync(path);
  return logits;
}

it.each(Object.keys(shapes))('%s', async (name) => {
  const model = await load(shapes[name] ?? {});
  for (const kvType of ['f16', 'q8_0'] as const) {
    const [expected, actual] = await bothWays(model, { ...defaultContext, kvType });
    expect(sameFloats(actual, expected), kvType).toBe(true);
  }
  await model.close();
});
