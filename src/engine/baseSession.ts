/** The base session of this window: restored when it is on disk, evaluated in the background when it is not. */
import type { Context } from '../../native/index.js';
import { computeBaseId, type BaseId } from '../cache/baseId.ts';
import type { Fingerprint } from '../cache/fingerprint.ts';
import type { SessionEntry } from '../cache/sessionEntry.ts';
import { commonPrefixLength } from '../cache/tokenPrefix.ts';
import type { BaseFacts } from '../protocol/status.ts';
import type { Base } from './base.ts';
import { publishBase, restoreBase, writeBase, type WrittenBase } from './baseFile.ts';
import type { BaseImages, OpenedImage } from './image/baseImages.ts';
import { deriveImage, loadForImage } from './image/deriveImage.ts';
import { swapContext } from './image/swapContext.ts';
import { transferSequence } from './image/transfer.ts';
import type { Overlays } from './overlays.ts';
import type { Runtime } from './runtime.ts';
import type { Sequence } from './sequences.ts';
import type { SessionReader } from './sessionIo.ts';
import { trace } from './trace.ts';

/** A base that is being evaluated beside the present one. */
interface Building {
  readonly sequence: Sequence;
  readonly gaveWay: AbortController;
}

/** The cells of the next base were needed for somebody who waits; it may be built again. */
export class BaseGaveWay extends Error {
  override readonly name = 'BaseGaveWay';
}

/** The file of the base in use. Without a reader its cells lie in place, on the image beside it. */
interface InUse {
  readonly path: string;
  readonly reader?: SessionReader;
}

export class BaseSession {
  readonly #runtime: Runtime;
  readonly #base: Base;
  readonly #overlays: Overlays;
  readonly #fingerprint: Fingerprint;
  readonly #images: BaseImages;
  #inUse: InUse | undefined;
  #building: Building | undefined;
  facts: BaseFacts | undefined;

  constructor(
    runtime: Runtime,
    base: Base,
    overlays: Overlays,
    options: { readonly fingerprint: Fingerprint; readonly images: BaseImages },
  ) {
    this.#runtime = runtime;
    this.#base = base;
    this.#overlays = overlays;
    this.#fingerprint = options.fingerprint;
    this.#images = options.images;
  }

  get tokens(): readonly number[] {
    return this.#base.sequence.tokens;
  }

  /** Files this process has mapped; they are not evicted. */
  get mapped(): ReadonlySet<string> {
    return new Set(this.#inUse === undefined ? [] : [this.#inUse.path]);
  }

  /** Whether the cells of the base lie on its image. */
  get isInPlace(): boolean {
    return this.#inUse !== undefined && this.#inUse.reader === undefined;
  }

  /** The context came with this base in it. `ms`: what that took. */
  adopt(entry: SessionEntry, tokens: Int32Array, ms: number): void {
    this.#base.id = computeBaseId(this.#fingerprint, tokens);
    for (const token of tokens) this.#base.sequence.tokens.push(token);
    this.#restored({ path: entry.path }, ms);
  }

  /** Puts a base from disk in place; false when its file could not be believed. */
  async restore(entry: SessionEntry): Promise<boolean> {
    const started = performance.now();
    const opened = await this.#images.open(entry);
    if (opened === undefined) return this.#restoreByCopy(entry, started);
    await this.#swapTo(entry, opened);
    this.#restored({ path: entry.path }, performance.now() - started);
    return true;
  }

  /** Lets the cells of the base lie on an image, which is derived from its session file. Best in idle time. */
  async mapInPlace(): Promise<void> {
    const { persistence, log } = this.#runtime;
    const { id } = this.#base;
    if (this.isInPlace || this.#images.off !== undefined || id === undefined) return;
    const entry = await persistence?.store.findBase(id);
    if (persistence === undefined || entry === undefined) return;
    try {
      const building = await loadForImage(this.#runtime, persistence, this.#images, entry);
      await this.#derive(building, entry).finally(() => building.close());
    } catch (error) {
      log('warn', `the base could not be mapped in place: ${(error as Error).message}`);
    }
  }

  async #restoreByCopy(entry: SessionEntry, started: number): Promise<boolean> {
    const { gate, scheduler, persistence, counters } = this.#runtime;
    if (persistence === undefined) return false;
    return gate.exclusive(() =>
      scheduler.turn({ priority: 'base' }, async () => {
        await this.#overlays.dropAll();
        const restored = await restoreBase(persistence, entry);
        this.#base.id = restored?.id;
        this.#base.sequence.tokens.length = 0;
        await this.#unmap();
        if (restored === undefined) {
          counters.cacheMisses++;
          await this.#runtime.context.clear();
          return false;
        }
        for (const token of restored.tokens) this.#base.sequence.tokens.push(token);
        this.#restored({ reader: restored.mapping, path: entry.path }, performance.now() - started);
        return true;
      }),
    );
  }

  #restored(inUse: InUse, ms: number): void {
    this.#inUse = inUse;
    this.#runtime.counters.basesRestored++;
    this.#setFacts('restored', 0, ms, true);
    this.#trace();
  }

  /**
   * Makes `tokens` the base: found on disk, or evaluated beside the present base, which serves meanwhile. Tokens both
   * begin with are shared, not evaluated again.
   */
  async become(
    tokens: readonly number[],
    signal: AbortSignal,
    onProgress: (done: number, total: number) => void,
  ): Promise<BaseFacts | undefined> {
    const id = computeBaseId(this.#fingerprint, Int32Array.from(tokens));
    if (id === this.#base.id) return this.#keep(id, signal);
    const entry = await this.#runtime.persistence?.store.findBase(id);
    if (entry !== undefined && (await this.restore(entry))) return this.facts;
    const started = performance.now();
    try {
      const { building, evaluated } = await this.#evaluate(tokens, signal, onProgress);
      const costMs = performance.now() - started;
      await this.#swap(building, id, { evaluated, costMs, signal });
    } finally {
      this.#building = undefined;
    }
    return this.facts;
  }

  /** Gives the cells of the next base to somebody who waits; false when there are none. Runs inside a turn. */
  async giveWay(keep: Sequence): Promise<boolean> {
    const building = this.#building;
    if (building === undefined || building.sequence === keep) return false;
    this.#building = undefined;
    building.gaveWay.abort(new BaseGaveWay('The context was needed for something more urgent.'));
    await this.#runtime.pool.cut(building.sequence, 0);
    return true;
  }

  async close(): Promise<void> {
    await this.#unmap();
  }

  async #evaluate(
    tokens: readonly number[],
    signal: AbortSignal,
    onProgress: (done: number, total: number) => void,
  ): Promise<{ readonly building: Building; readonly evaluated: number }> {
    const { scheduler, pool, decoder, counters } = this.#runtime;
    const shared = commonPrefixLength(this.tokens, tokens);
    const sequence = await scheduler.turn({ priority: 'base', signal }, async () => {
      await this.#overlays.reserve(1);
      return pool.fork(this.#base.sequence, shared);
    });
    const building: Building = { sequence, gaveWay: new AbortController() };
    this.#building = building;
    try {
      await decoder.prefill(sequence, tokens.slice(shared), {
        priority: 'base',
        signal: AbortSignal.any([signal, building.gaveWay.signal]),
        onProgress: (done) => onProgress(shared + done, tokens.length),
      });
    } catch (error) {
      await scheduler.turn({ priority: 'base' }, () => pool.release(sequence));
      throw error;
    } finally {
      counters.baseTokensEvaluated += Math.max(0, sequence.tokens.length - shared);
    }
    return { building, evaluated: tokens.length - shared };
  }

  /** Puts the new base at sequence 0, alone in the context, and keeps it from there. */
  async #swap(
    building: Building,
    id: BaseId,
    {
      evaluated,
      costMs,
      signal,
    }: { readonly evaluated: number; readonly costMs: number; readonly signal: AbortSignal },
  ): Promise<void> {
    const { sequence, gaveWay } = building;
    const { gate, scheduler, pool } = this.#runtime;
    const { length } = sequence.tokens;
    const written = await gate.exclusive(() =>
      scheduler.turn({ priority: 'base' }, async () => {
        if (gaveWay.signal.aborted) {
          await pool.release(sequence);
          gaveWay.signal.throwIfAborted();
        }
        await this.#overlays.dropAll();
        await pool.cut(this.#base.sequence, 0);
        await pool.share(sequence, this.#base.sequence, 0, length);
        await pool.release(sequence);
        this.#base.id = id;
        await this.#unmap();
        this.#setFacts('evaluated', evaluated, costMs, false);
        return this.#images.off === undefined ? undefined : this.#write(id);
      }),
    );
    const persisted =
      this.#images.off === undefined
        ? await this.#keepInPlace(id, costMs, signal)
        : (await this.#publish(written, id, costMs)) !== undefined;
    this.#setFacts('evaluated', evaluated, costMs, persisted);
    this.#trace();
  }

  /** Publishes the base, and its image, from a context beside the one that serves, and swaps to it. */
  async #keepInPlace(id: BaseId, costMs: number, signal: AbortSignal): Promise<boolean> {
    const { persistence } = this.#runtime;
    if (persistence === undefined) return false;
    let isPublished = false;
    try {
      const building = await this.#images.native.Context.createForImage(this.#runtime.context);
      try {
        const { sequence } = this.#base;
        await transferSequence(this.#runtime, sequence, building, signal);
        const io = persistence.ioFor(() => building);
        const tokens = Int32Array.from(this.tokens);
        const written = await writeBase({ ...persistence, io }, id, tokens);
        const entry = await this.#publish(written, id, costMs);
        isPublished = entry !== undefined;
        if (entry !== undefined) await this.#derive(building, entry);
      } finally {
        await building.close();
      }
    } catch (error) {
      this.#report(error);
    }
    return isPublished;
  }

  async #derive(building: Context, entry: SessionEntry): Promise<void> {
    const tokens = Int32Array.from(this.tokens);
    const opened = await deriveImage(this.#runtime, this.#images, building, entry, tokens);
    if (opened !== undefined) await this.#swapTo(entry, opened);
  }

  async #swapTo(entry: SessionEntry, opened: OpenedImage): Promise<void> {
    const id = computeBaseId(this.#fingerprint, opened.tokens);
    await swapContext(this.#runtime, this.#base, this.#overlays, { ...opened, id });
    await this.#unmap();
    this.#inUse = { path: entry.path };
  }

  /** The present base stays; its file is written again if it has gone. */
  async #keep(id: BaseId, signal: AbortSignal): Promise<BaseFacts | undefined> {
    const { gate, scheduler, persistence } = this.#runtime;
    const { facts } = this;
    if (facts === undefined || (await persistence?.store.findBase(id)) !== undefined) return facts;
    if (this.#images.off === undefined) {
      this.facts = { ...facts, persisted: await this.#keepInPlace(id, facts.ms, signal) };
      return this.facts;
    }
    const written = await gate.exclusive(() =>
      scheduler.turn({ priority: 'base' }, async () => {
        await this.#overlays.dropAll();
        return this.#write(id);
      }),
    );
    const persisted = (await this.#publish(written, id, facts.ms)) !== undefined;
    this.facts = { ...facts, persisted };
    return this.facts;
  }

  /** Writes the context, in which there is nothing but the base. Runs inside a turn with the gate to itself. */
  async #write(id: BaseId): Promise<WrittenBase | undefined> {
    const { persistence } = this.#runtime;
    if (persistence === undefined) return undefined;
    const tokens = Int32Array.from(this.tokens);
    return writeBase(persistence, id, tokens).catch((error: unknown) => this.#report(error));
  }

  /** Makes a written base durable; undefined when it could not be kept. */
  async #publish(
    written: WrittenBase | undefined,
    id: BaseId,
    costMs: number,
  ): Promise<SessionEntry | undefined> {
    const { persistence, engineVersion } = this.#runtime;
    if (written === undefined || persistence === undefined) return undefined;
    const facts = { id, tokens: written.tokens, costMs, engineVersion };
    return publishBase(persistence, written, facts).catch((error: unknown) => this.#report(error));
  }

  #setFacts(source: BaseFacts['source'], evaluated: number, ms: number, persisted: boolean): void {
    const { length: tokens } = this.tokens;
    this.facts = { id: this.#base.id ?? '', tokens, source, evaluated, ms, persisted };
  }

  #trace(): void {
    if (this.facts === undefined) return;
    const { source, tokens, evaluated, ms } = this.facts;
    trace({ event: 'base', source, tokens, evaluated, ms });
  }

  async #unmap(): Promise<void> {
    const inUse = this.#inUse;
    this.#inUse = undefined;
    await inUse?.reader?.close();
  }

  /** Without its file the base is evaluated again at the next start; this window does not suffer. */
  #report(error: unknown): undefined {
    this.#runtime.log('warn', `the base session could not be kept: ${(error as Error).message}`);
    return undefined;
  }
}
