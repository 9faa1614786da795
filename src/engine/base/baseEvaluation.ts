/** The next base, evaluated beside the present one, which serves meanwhile. */
import type { BaseId } from '../../cache/baseId.ts';
import { commonPrefixLength } from '../../cache/tokenPrefix.ts';
import type { Base } from './base.ts';
import type { Overlays } from '../overlay/overlays.ts';
import type { Runtime } from '../runtime.ts';
import type { Sequence } from '../inference/sequences.ts';
import type { UnfinishedBase } from './unfinishedBase.ts';

/** The cells of the next base were needed for somebody who waits; it may be built again. */
export class BaseGaveWay extends Error {
  override readonly name = 'BaseGaveWay';
}

export interface EvaluationOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
  /** Lengths, ascending, at which what was evaluated is kept, for the case that this ends under way. */
  readonly keepAt: readonly number[];
}

interface Building {
  readonly sequence: Sequence;
  /** So many tokens are shared with the present base. */
  readonly shared: number;
  readonly gaveWay: AbortController;
}

export class BaseEvaluation {
  readonly #runtime: Runtime;
  readonly #base: Base;
  readonly #overlays: Overlays;
  readonly #unfinished: UnfinishedBase;
  #building: Building | undefined;

  constructor(runtime: Runtime, base: Base, overlays: Overlays, unfinished: UnfinishedBase) {
    this.#runtime = runtime;
    this.#base = base;
    this.#overlays = overlays;
    this.#unfinished = unfinished;
  }

  /**
   * Evaluates `tokens` and makes them the base `id`. What the present base begins with too is shared, and what was
   * evaluated before is taken up. Resolves to the number of tokens evaluated; rejects with {@link BaseGaveWay} when the
   * cells were needed, and with the signal's reason.
   */
  async run(tokens: readonly number[], id: BaseId, options: EvaluationOptions): Promise<number> {
    const building = await this.#begin(tokens, options.signal);
    const start = building.sequence.tokens.length;
    try {
      await this.#prefillInParts(building, tokens, options);
      await this.#install(building, id);
    } finally {
      this.#building = undefined;
    }
    return tokens.length - start;
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

  async #begin(tokens: readonly number[], signal: AbortSignal): Promise<Building> {
    const { scheduler, pool } = this.#runtime;
    const shared = commonPrefixLength(this.#base.sequence.tokens, tokens);
    const sequence = await scheduler.turn({ priority: 'base', signal }, async () => {
      await this.#overlays.reserve(1);
      const found = await this.#unfinished.restore(tokens, shared);
      return found ?? pool.fork(this.#base.sequence, shared);
    });
    this.#building = { sequence, shared, gaveWay: new AbortController() };
    return this.#building;
  }

  async #prefillInParts(
    building: Building,
    tokens: readonly number[],
    options: EvaluationOptions,
  ): Promise<void> {
    const { sequence, shared, gaveWay } = building;
    const { scheduler, pool } = this.#runtime;
    const started = performance.now();
    const keep = (): Promise<void> =>
      this.#unfinished.save(sequence, shared, performance.now() - started);
    const start = sequence.tokens.length;
    const ends = options.keepAt.filter((end) => end > start && end < tokens.length);
    let keeping = Promise.resolve();
    try {
      for (const end of [...ends, tokens.length]) {
        await this.#prefill(building, tokens, end, options);
        await keeping;
        // Durable while the next part is evaluated.
        if (end < tokens.length) keeping = keep();
      }
    } catch (error) {
      await keeping;
      if (!gaveWay.signal.aborted && sequence.tokens.length > start) await keep();
      await scheduler.turn({ priority: 'base' }, () => pool.release(sequence));
      throw error;
    }
  }

  async #prefill(
    { sequence, gaveWay }: Building,
    tokens: readonly number[],
    end: number,
    { signal, onProgress }: EvaluationOptions,
  ): Promise<void> {
    const { decoder, counters } = this.#runtime;
    const start = sequence.tokens.length;
    try {
      await decoder.prefill(sequence, tokens.slice(start, end), {
        priority: 'base',
        signal: AbortSignal.any([signal, gaveWay.signal]),
        onProgress: (done) => onProgress(start + done, tokens.length),
      });
    } finally {
      counters.baseTokensEvaluated += Math.max(0, sequence.tokens.length - start);
    }
  }

  /** Puts the new base at sequence 0, alone in the context. */
  async #install({ sequence, gaveWay }: Building, id: BaseId): Promise<void> {
    const { gate, scheduler, pool } = this.#runtime;
    await gate.exclusive(() =>
      scheduler.turn({ priority: 'base' }, async () => {
        if (gaveWay.signal.aborted) {
          await pool.release(sequence);
          gaveWay.signal.throwIfAborted();
        }
        const { length } = sequence.tokens;
        await this.#overlays.dropAll();
        await pool.cut(this.#base.sequence, 0);
        await pool.share(sequence, this.#base.sequence, 0, length);
        await pool.release(sequence);
        this.#base.id = id;
      }),
    );
  }
}
