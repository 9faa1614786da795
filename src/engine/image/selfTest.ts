/**
 * Tries at start, with a small model, everything that a base mapped in place relies on: that llama.cpp puts its cells
 * where it is told, leaves alone what lies there, computes the same with it, and never writes to the file.
 */
import { join } from 'node:path';
import type { Context, ContextOptions, ImageFiles, Model } from '../../../native/index.js';
import { removeFile, temporaryPathFor } from '../../cache/files.ts';
import type { NativeModule } from '../native/loadNative.ts';
import { nextLogits } from './deriveImage.ts';

export interface SelfTestOptions {
  readonly native: NativeModule;
  /** A small model; only its mechanics matter. */
  readonly modelPath: string;
  /** Where a few files may be written for a moment. */
  readonly directory: string;
  readonly kvType: ContextOptions['kvType'];
  /** For tests: does something to the image before it is opened. */
  readonly tamper?: ((files: ImageFiles) => Promise<void>) | undefined;
}

const nTokens = 24;

/** Undefined when all is well; otherwise what is not, in words. Never rejects. */
export async function selfTest(options: SelfTestOptions): Promise<string | undefined> {
  // Names that the cache takes away when this process dies meanwhile.
  const files: ImageFiles = {
    cellsPath: temporaryPathFor(join(options.directory, 'self-test.cells')),
    metaPath: temporaryPathFor(join(options.directory, 'self-test.meta')),
    identity: 'self-test',
  };
  try {
    return await tryImage(options, files).finally(async () => {
      await removeFile(files.cellsPath);
      await removeFile(files.metaPath);
    });
  } catch (error) {
    return `the self-test failed: ${(error as Error).message}`;
  }
}

async function tryImage(options: SelfTestOptions, files: ImageFiles): Promise<string | undefined> {
  const { native, modelPath, kvType } = options;
  const contextOptions: ContextOptions = {
    nCtx: 256,
    nBatch: 32,
    nUbatch: 32,
    nSeqMax: 2,
    nThreads: 1,
    nThreadsBatch: 1,
    kvType,
    swaFull: true,
  };
  const model = await native.Model.load({ path: modelPath, gpuLayers: 0, useMmap: true });
  const plain = await native.Context.create(model, contextOptions);
  try {
    return await compare(options, files, { model, plain, contextOptions });
  } finally {
    await plain.close();
    await model.close();
  }
}

interface Subject {
  readonly model: Model;
  readonly plain: Context;
  readonly contextOptions: ContextOptions;
}

async function compare(
  { native, tamper }: SelfTestOptions,
  files: ImageFiles,
  { model, plain, contextOptions }: Subject,
): Promise<string | undefined> {
  const tokens = Int32Array.from({ length: nTokens }, (_, at) => (at * 37 + 5) % model.info.nVocab);
  await plain.decode([{ sequence: 0, position: 0, tokens, sample: {} }]);
  const { checksum } = await writeImage(native, plain, files, tokens);
  await tamper?.(files);
  const { context } = await native.Context.openImage(model, contextOptions, files);
  try {
    const expected = await nextLogits(plain, tokens);
    const actual = await nextLogits(context, tokens);
    if (!Buffer.from(expected.buffer).equals(Buffer.from(actual.buffer)))
      return 'the self-test failed: a context on an image computes other logits';
    const after = await native.imageChecksum(files.cellsPath);
    if (after.checksum !== checksum) return 'the self-test failed: the image was changed';
    return undefined;
  } finally {
    await context.close();
  }
}

async function writeImage(
  native: NativeModule,
  plain: Context,
  files: ImageFiles,
  tokens: Int32Array,
): Promise<{ readonly checksum: string }> {
  const building = await native.Context.createForImage(plain);
  try {
    await building.importSequence(await plain.exportSequence(0), 0);
    return await building.writeImage(files, tokens);
  } finally {
    await building.close();
  }
}
