/** The context an engine starts with: on the image of the base that served last, or an empty one. */
import type { Context, ContextOptions, Model } from '../../../native/index.js';
import type { SessionEntry } from '../../cache/sessionEntry.ts';
import { newestUsableBase } from '../base/baseChoice.ts';
import type { BaseImages } from '../image/baseImages.ts';
import type { Persistence, Runtime } from '../runtime.ts';

/** The base that served last. */
export interface NewestBase {
  readonly entry: SessionEntry;
  /** Set when the context came with it: what stands in its cells, and how long opening the image took, in ms. */
  readonly inPlace: { readonly tokens: Int32Array; readonly ms: number } | undefined;
}

export interface StartedContext {
  readonly context: Context;
  readonly newest: NewestBase | undefined;
}

export async function startContext(
  images: BaseImages,
  model: Model,
  options: ContextOptions,
  persistence: Persistence | undefined,
  log: Runtime['log'],
): Promise<StartedContext> {
  const started = performance.now();
  const entry = await newestUsableBase(persistence?.store, options.nCtx, log);
  const opened = entry && (await images.open(entry));
  const ms = performance.now() - started;
  const inPlace = opened && { tokens: opened.tokens, ms };
  return {
    context: opened?.context ?? (await images.native.Context.create(model, options)),
    newest: entry && { entry, inPlace },
  };
}
