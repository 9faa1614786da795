/** Images are derived from published session files, in a context of their own beside the one that serves. */
import type { Context } from '../../../native/index.js';
import type { SessionEntry } from '../../cache/sessionEntry.ts';
import type { Persistence, Runtime } from '../runtime.ts';
import { trace } from '../trace.ts';
import type { BaseImages, OpenedImage } from './baseImages.ts';
import { dropImage, imageFilesOf, publishImage } from './imageFiles.ts';

/** Reads the session file into a new context for building. The caller closes it. */
export async function loadForImage(
  runtime: Runtime,
  persistence: Persistence,
  images: BaseImages,
  entry: SessionEntry,
): Promise<Context> {
  const building = await images.native.Context.createForImage(runtime.context);
  try {
    const reader = await persistence.ioFor(() => building).reader(entry.path, 'context');
    try {
      if ((await reader.checksum()) !== entry.manifest.checksum)
        throw new Error('the checksum of the session file differs');
      await reader.read({ kind: 'context' });
    } finally {
      await reader.close();
    }
    return building;
  } catch (error) {
    await building.close();
    throw error;
  }
}

/**
 * Writes the image of what `building` holds, which is the base of `entry` and nothing else, opens it, and lets both
 * contexts evaluate the same token: only with the same logits is the image kept and returned.
 */
export async function deriveImage(
  runtime: Runtime,
  images: BaseImages,
  building: Context,
  entry: SessionEntry,
  tokens: Int32Array,
): Promise<OpenedImage | undefined> {
  const started = performance.now();
  await publishImage(imageFilesOf(entry), (temporary) => building.writeImage(temporary, tokens));
  const ms = performance.now() - started;
  trace({ event: 'image', action: 'written', tokens: tokens.length, ms });
  const opened = await images.open(entry);
  if (opened === undefined) return undefined;
  let isGood = false;
  try {
    isGood = await sameLogits(runtime, building, opened);
    if (!isGood) images.switchOff('a context on the image computes other logits');
  } finally {
    if (!isGood) {
      await opened.context.close();
      // Its checksum is right: the next start would use it.
      await dropImage(entry);
    }
  }
  return isGood ? opened : undefined;
}

/** The token is evaluated on a fork, which is dropped again. */
async function sameLogits(
  runtime: Runtime,
  building: Context,
  { context, tokens }: OpenedImage,
): Promise<boolean> {
  const expected = await nextLogits(building, tokens);
  const actual = await runtime.scheduler.turn({ priority: 'base' }, () =>
    nextLogits(context, tokens),
  );
  return Buffer.from(expected.buffer).equals(Buffer.from(actual.buffer));
}

export async function nextLogits(context: Context, tokens: Int32Array): Promise<Float32Array> {
  const position = tokens.length;
  await context.copySequence(0, 1, 0, position);
  const token = tokens.subarray(0, 1);
  const { status } = await context.decode([{ sequence: 1, position, tokens: token, sample: {} }]);
  if (status !== 'done') throw new Error(`evaluating one token beside a base ended as ${status}`);
  const logits = await context.lastLogits();
  await context.removeSequence(1, -1, -1);
  return logits;
}
