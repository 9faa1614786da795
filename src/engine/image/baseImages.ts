/** Bases mapped in place: whether this engine may have them, and opening them. Every failure means the ordinary copy. */
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Context, ContextOptions, Model } from '../../../native/index.js';
import { hashTokens } from '../../cache/tokenHash.ts';
import type { SessionEntry } from '../../cache/sessionEntry.ts';
import type { NativeModule } from '../native/loadNative.ts';
import type { Runtime } from '../runtime.ts';
import { sessionErrorReason } from '../sessions/sessionIo.ts';
import { trace } from '../trace.ts';
import { dropImage, imageFilesOf } from './imageFiles.ts';
import type { ImageReader } from './readAhead.ts';

/** A context that holds a base and nothing else, with its cells on the image. */
export interface OpenedImage {
  readonly context: Context;
  readonly tokens: Int32Array;
}

export interface BaseImagesOptions {
  readonly native: NativeModule;
  readonly model: Model;
  readonly contextOptions: ContextOptions;
  readonly reader: ImageReader;
  readonly log: Runtime['log'];
  /** Why there are none from the start, if that is so. */
  readonly off: string | undefined;
}

export class BaseImages {
  readonly #options: BaseImagesOptions;
  #off: string | undefined;

  constructor(options: BaseImagesOptions) {
    this.#options = options;
    this.#off = options.off;
    const way = this.#off === undefined ? 'mapped in place' : `copied: ${this.#off}`;
    options.log('info', `bases are ${way}`);
  }

  /** Why bases are copied; undefined while they are mapped in place. */
  get off(): string | undefined {
    return this.#off;
  }

  get native(): NativeModule {
    return this.#options.native;
  }

  /** No more images in this engine: what was assumed of llama.cpp does not hold. */
  switchOff(reason: string): void {
    if (this.#off !== undefined) return;
    this.#off = reason;
    this.#options.log('warn', `bases are copied from now on: ${reason}`);
    trace({ event: 'image', action: 'off', reason });
  }

  /** The image of a base, when there is one that can be believed. One that cannot is removed. */
  async open(entry: SessionEntry): Promise<OpenedImage | undefined> {
    if (this.#off !== undefined || !(await exists(entry))) return undefined;
    const started = performance.now();
    try {
      const opened = await this.#openChecked(entry);
      const ms = performance.now() - started;
      trace({ event: 'image', action: 'opened', tokens: opened.tokens.length, ms });
      return opened;
    } catch (error) {
      await this.#refuse(entry, error as Error);
      return undefined;
    }
  }

  async #openChecked(entry: SessionEntry): Promise<OpenedImage> {
    const { native, model, contextOptions, reader } = this.#options;
    const files = imageFilesOf(entry);
    const reading = reader.checksum(files.cellsPath);
    reading.catch(() => undefined); // awaited below
    const opened = await native.Context.openImage(model, contextOptions, files);
    try {
      if ((await reading) !== opened.checksum) throw new Error('the checksum of its cells differs');
      if (hashTokens(opened.tokens) !== entry.manifest.tokensHash)
        throw new Error('its tokens are not those of the session');
      return opened;
    } catch (error) {
      await opened.context.close();
      throw error;
    }
  }

  async #refuse(entry: SessionEntry, error: Error): Promise<void> {
    const name = basename(entry.path, '.session');
    this.#options.log('info', `the image of ${name} is not used: ${error.message}`);
    trace({ event: 'image', action: 'refused', reason: error.message });
    if (sessionErrorReason(error) === 'unsupported') this.switchOff(error.message);
    await dropImage(entry);
  }
}

async function exists(entry: SessionEntry): Promise<boolean> {
  const { cellsPath, metaPath } = imageFilesOf(entry);
  const present = (path: string): Promise<boolean> =>
    stat(path).then(
      () => true,
      () => false,
    );
  return (await present(cellsPath)) && (await present(metaPath));
}
