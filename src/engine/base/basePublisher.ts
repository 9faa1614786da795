/** Puts the base that serves on the disk: as a session file, and where that is possible as an image to lie on. */
import type { Context } from '../../../native/index.js';
import type { BaseId } from '../../cache/baseId.ts';
import type { SessionEntry } from '../../cache/sessionEntry.ts';
import type { Base } from './base.ts';
import { publishBase, writeBase } from './baseFile.ts';
import type { BaseImages, OpenedImage } from '../image/baseImages.ts';
import { deriveImage, loadForImage } from '../image/deriveImage.ts';
import { transferSequence } from '../image/transfer.ts';
import type { Overlays } from '../overlay/overlays.ts';
import type { Persistence, Runtime } from '../runtime.ts';
import { sessionErrorReason } from '../sessions/sessionIo.ts';

export interface PublishFacts {
  readonly id: BaseId;
  /** What its tokens took to evaluate. */
  readonly costMs: number;
  /** More of it is being evaluated. */
  readonly unfinished: true | undefined;
}

export interface PublishedBase {
  readonly entry: SessionEntry;
  /** A context on its image, to be swapped to. */
  readonly opened: OpenedImage | undefined;
}

export class BasePublisher {
  readonly #runtime: Runtime;
  readonly #base: Base;
  readonly #overlays: Overlays;
  readonly #images: BaseImages;

  constructor(runtime: Runtime, base: Base, overlays: Overlays, images: BaseImages) {
    this.#runtime = runtime;
    this.#base = base;
    this.#overlays = overlays;
    this.#images = images;
  }

  /** Undefined when it could not be kept; that is logged, nobody suffers. An unfinished base gets no image. */
  async publish(facts: PublishFacts, signal: AbortSignal): Promise<PublishedBase | undefined> {
    const { persistence, log } = this.#runtime;
    if (persistence === undefined) return undefined;
    try {
      const inPlace =
        this.#images.off === undefined
          ? await this.#publishInPlace(persistence, facts, signal)
          : undefined;
      return inPlace ?? (await this.#publishByCopy(persistence, facts));
    } catch (error) {
      log('warn', `the base session could not be kept: ${(error as Error).message}`);
      return undefined;
    }
  }

  /** A context on the image of a base that is on the disk and in use, derived from its session file. */
  async derive(entry: SessionEntry): Promise<OpenedImage | undefined> {
    const { persistence } = this.#runtime;
    if (persistence === undefined) return undefined;
    try {
      const building = await loadForImage(this.#runtime, persistence, this.#images, entry);
      try {
        return await deriveImage(this.#runtime, this.#images, building, entry, this.#tokens());
      } finally {
        await building.close();
      }
    } catch (error) {
      this.#noImage(error as Error);
      return undefined;
    }
  }

  /** From a context beside the one that serves. Undefined when there can be no such context. */
  async #publishInPlace(
    persistence: Persistence,
    facts: PublishFacts,
    signal: AbortSignal,
  ): Promise<PublishedBase | undefined> {
    const building = await this.#building();
    if (building === undefined) return undefined;
    try {
      const { sequence } = this.#base;
      await transferSequence(this.#runtime, this.#overlays, sequence, building, signal);
      const io = persistence.ioFor(() => building);
      const entry = await this.#write({ ...persistence, io }, facts);
      if (facts.unfinished) return { entry, opened: undefined };
      const opened = await deriveImage(
        this.#runtime,
        this.#images,
        building,
        entry,
        this.#tokens(),
      ).catch((error: unknown) => this.#noImage(error as Error));
      return { entry, opened };
    } finally {
      await building.close();
    }
  }

  async #building(): Promise<Context | undefined> {
    try {
      return await this.#images.native.Context.createForImage(this.#runtime.context);
    } catch (error) {
      return this.#noImage(error as Error);
    }
  }

  /** From the context that serves, in which there must be nothing else meanwhile. */
  async #publishByCopy(persistence: Persistence, facts: PublishFacts): Promise<PublishedBase> {
    const { gate, scheduler } = this.#runtime;
    const tokens = this.#tokens();
    const written = await gate.exclusive(() =>
      scheduler.turn({ priority: 'base' }, async () => {
        await this.#overlays.dropAll();
        return writeBase(persistence, facts.id, tokens);
      }),
    );
    const { engineVersion } = this.#runtime;
    const entry = await publishBase(persistence, written, { ...facts, tokens, engineVersion });
    return { entry, opened: undefined };
  }

  async #write(persistence: Persistence, facts: PublishFacts): Promise<SessionEntry> {
    const tokens = this.#tokens();
    const written = await writeBase(persistence, facts.id, tokens);
    const { engineVersion } = this.#runtime;
    return publishBase(persistence, written, { ...facts, tokens, engineVersion });
  }

  #tokens(): Int32Array {
    return Int32Array.from(this.#base.sequence.tokens);
  }

  /** The copy serves as well. */
  #noImage(error: Error): undefined {
    if (sessionErrorReason(error) === 'unsupported') this.#images.switchOff(error.message);
    this.#runtime.log('warn', `the base could not be mapped in place: ${error.message}`);
    return undefined;
  }
}
