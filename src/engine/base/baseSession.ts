/** The base session of this window: restored when it is on disk, evaluated in the background when it is not. */
import { computeBaseId, type BaseId } from '../../cache/baseId.ts';
import type { Fingerprint } from '../../cache/fingerprint.ts';
import type { SessionEntry } from '../../cache/sessionEntry.ts';
import type { BaseFacts } from '../../protocol/status.ts';
import type { Base } from './base.ts';
import { BaseEvaluation, type EvaluationOptions } from './baseEvaluation.ts';
import { restoreBase } from './baseFile.ts';
import { BasePublisher, type PublishFacts } from './basePublisher.ts';
import type { BaseImages, OpenedImage } from '../image/baseImages.ts';
import { swapContext } from '../image/swapContext.ts';
import type { Overlays } from '../overlay/overlays.ts';
import type { Runtime } from '../runtime.ts';
import type { Sequence } from '../inference/sequences.ts';
import type { SessionReader } from '../sessions/sessionIo.ts';
import { trace } from '../trace.ts';
import { UnfinishedBase } from './unfinishedBase.ts';

/** The file of the base in use. Without a reader its cells lie in place, on the image beside it. */
interface InUse {
  readonly path: string;
  readonly reader?: SessionReader;
}

export interface BecomeOptions extends EvaluationOptions {
  /** Ends the evaluation; a base that is complete is kept nevertheless. */
  readonly stop: AbortSignal;
  /** More of it will be evaluated at once. */
  readonly unfinished: true | undefined;
}

export class BaseSession {
  readonly #runtime: Runtime;
  readonly #base: Base;
  readonly #overlays: Overlays;
  readonly #fingerprint: Fingerprint;
  readonly #images: BaseImages;
  readonly #unfinished: UnfinishedBase;
  readonly #evaluation: BaseEvaluation;
  readonly #publisher: BasePublisher;
  #inUse: InUse | undefined;
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
    this.#unfinished = new UnfinishedBase(runtime, base, overlays);
    this.#evaluation = new BaseEvaluation(runtime, base, overlays, this.#unfinished);
    this.#publisher = new BasePublisher(runtime, base, overlays, options.images);
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
    const { id } = this.#base;
    if (this.isInPlace || this.#images.off !== undefined || id === undefined) return;
    const entry = await this.#runtime.persistence?.store.findBase(id);
    const opened = entry && (await this.#publisher.derive(entry));
    if (entry !== undefined && opened !== undefined) await this.#swapTo(entry, opened);
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
   * begin with are shared, not evaluated again; nor is what an earlier evaluation left that was ended under way.
   */
  async become(tokens: readonly number[], options: BecomeOptions): Promise<BaseFacts | undefined> {
    const id = computeBaseId(this.#fingerprint, Int32Array.from(tokens));
    if (id === this.#base.id) return this.#keep(id, options.signal);
    const entry = await this.#runtime.persistence?.store.findBase(id);
    if (entry !== undefined && (await this.restore(entry))) return this.facts;
    const started = performance.now();
    const signal = AbortSignal.any([options.signal, options.stop]);
    const evaluated = await this.#evaluation.run(tokens, id, { ...options, signal });
    const costMs = performance.now() - started;
    await this.#unmap();
    this.#setFacts('evaluated', evaluated, costMs, false);
    const { unfinished } = options;
    const persisted = await this.#publish({ id, costMs, unfinished }, options.signal);
    this.#setFacts('evaluated', evaluated, costMs, persisted);
    this.#trace();
    if (persisted && !unfinished) await this.removeUnfinished();
    return this.facts;
  }

  /** Whether a part of `tokens` that the present base lacks was evaluated before and is kept. */
  hasPartOf(tokens: readonly number[]): Promise<boolean> {
    return this.#unfinished.isPartOf(tokens);
  }

  /** Removes what was kept of bases that were not finished, except the one that serves. */
  async removeUnfinished(): Promise<void> {
    await this.#unfinished.remove();
    await this.#runtime.persistence?.store.removeUnfinishedBases(this.#base.id ?? '');
  }

  /** Notices when its file has gone, which the present base does not need. True if so. */
  async lookForFile(): Promise<boolean> {
    const { facts } = this;
    if (facts?.persisted !== true) return false;
    const isThere = (await this.#runtime.persistence?.store.findBase(facts.id)) !== undefined;
    if (isThere || this.facts !== facts) return false;
    this.facts = { ...facts, persisted: false };
    return true;
  }

  /** Gives the cells of the next base to somebody who waits; false when there are none. Runs inside a turn. */
  giveWay(keep: Sequence): Promise<boolean> {
    return this.#evaluation.giveWay(keep);
  }

  async close(): Promise<void> {
    await this.#unmap();
  }

  /** The present base stays; its file is written again if it has gone. */
  async #keep(id: BaseId, signal: AbortSignal): Promise<BaseFacts | undefined> {
    const { facts } = this;
    const { persistence } = this.#runtime;
    if (facts === undefined || (await persistence?.store.findBase(id)) !== undefined) return facts;
    const publishing = this.#publish({ id, costMs: facts.ms, unfinished: undefined }, signal);
    this.facts = { ...facts, persisted: await publishing };
    return this.facts;
  }

  async #publish(facts: PublishFacts, signal: AbortSignal): Promise<boolean> {
    const published = await this.#publisher.publish(facts, signal);
    if (published?.opened !== undefined) await this.#swapTo(published.entry, published.opened);
    return published !== undefined;
  }

  async #swapTo(entry: SessionEntry, opened: OpenedImage): Promise<void> {
    const id = computeBaseId(this.#fingerprint, opened.tokens);
    await swapContext(this.#runtime, this.#base, this.#overlays, { ...opened, id });
    await this.#unmap();
    this.#inUse = { path: entry.path };
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
}
