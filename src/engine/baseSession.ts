/** The base session of this window: restored when it is on disk, evaluated in the background when it is not. */
import { computeBaseId, type BaseId } from '../cache/baseId.ts';
import type { Fingerprint } from '../cache/fingerprint.ts';
import type { SessionEntry } from '../cache/sessionEntry.ts';
import { commonPrefixLength } from '../cache/tokenPrefix.ts';
import type { BaseFacts } from '../protocol/status.ts';
import type { Base } from './base.ts';
import { publishBase, restoreBase, writeBase, type WrittenBase } from './baseFile.ts';
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

export class BaseSession {
  readonly #runtime: Runtime;
  readonly #base: Base;
  readonly #overlays: Overlays;
  readonly #fingerprint: Fingerprint;
  #mapping: { readonly reader: SessionReader; readonly path: string } | undefined;
  #building: Building | undefined;
  facts: BaseFacts | undefined;

  constructor(runtime: Runtime, base: Base, overlays: Overlays, fingerprint: Fingerprint) {
    this.#runtime = runtime;
    this.#base = base;
    this.#overlays = overlays;
    this.#fingerprint = fingerprint;
  }

  get tokens(): readonly number[] {
    return this.#base.sequence.tokens;
  }

  /** Files this process has mapped; they are not evicted. */
  get mapped(): ReadonlySet<string> {
    return new Set(this.#mapping === undefined ? [] : [this.#mapping.path]);
  }

  /** Puts a base from disk in place; false when its file could not be believed. */
  async restore(entry: SessionEntry): Promise<boolean> {
    const { gate, scheduler, persistence, counters } = this.#runtime;
    if (persistence === undefined) return false;
    const started = performance.now();
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
        this.#mapping = { reader: restored.mapping, path: entry.path };
        counters.basesRestored++;
        this.#setFacts('restored', 0, performance.now() - started, true);
        this.#trace();
        return true;
      }),
    );
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
    if (id === this.#base.id) return this.#keep(id);
    const entry = await this.#runtime.persistence?.store.findBase(id);
    if (entry !== undefined && (await this.restore(entry))) return this.facts;
    const started = performance.now();
    try {
      const { building, evaluated } = await this.#evaluate(tokens, signal, onProgress);
      const costMs = performance.now() - started;
      await this.#swap(building, id, evaluated, costMs);
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

  /** Puts the new base at sequence 0, alone in the context, and writes it from there. */
  async #swap(building: Building, id: BaseId, evaluated: number, costMs: number): Promise<void> {
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
        return this.#write(id);
      }),
    );
    const persisted = await this.#publish(written, id, costMs);
    this.#setFacts('evaluated', evaluated, costMs, persisted);
    this.#trace();
  }

  /** The present base stays; its file is written again if it has gone. */
  async #keep(id: BaseId): Promise<BaseFacts | undefined> {
    const { gate, scheduler, persistence } = this.#runtime;
    const { facts } = this;
    if (facts === undefined || (await persistence?.store.findBase(id)) !== undefined) return facts;
    const written = await gate.exclusive(() =>
      scheduler.turn({ priority: 'base' }, async () => {
        await this.#overlays.dropAll();
        return this.#write(id);
      }),
    );
    const persisted = await this.#publish(written, id, facts.ms);
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

  /** Makes a written base durable; false when it could not be kept. */
  async #publish(written: WrittenBase | undefined, id: BaseId, costMs: number): Promise<boolean> {
    const { persistence, engineVersion } = this.#runtime;
    if (written === undefined || persistence === undefined) return false;
    const facts = { id, tokens: written.tokens, costMs, engineVersion };
    const entry = await publishBase(persistence, written, facts).catch((error: unknown) =>
      this.#report(error),
    );
    return entry !== undefined;
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
    const mapping = this.#mapping;
    this.#mapping = undefined;
    await mapping?.reader.close();
  }

  /** Without its file the base is evaluated again at the next start; this window does not suffer. */
  #report(error: unknown): undefined {
    this.#runtime.log('warn', `the base session could not be kept: ${(error as Error).message}`);
    return undefined;
  }
}
