/** The next base, evaluated beside the present one, which serves meanwhile. */
import type { BaseId } from '../../cache/baseId.ts';
import { commonPrefixLength } from '../../cache/tokenPrefix.ts';
import type { Base } from './base.ts';
import type { Overlays } from '../overlay/overlays.ts';
import type { Runtime } from '../runtime.ts';
import type { Sequence } from '../inference/sequences.ts';

/** The cells of the next base were needed for somebody who waits; it may be built again. */
export class BaseGaveWay extends Error {
  override readonly name = 'BaseGaveWay';
}

interface Building {
  readonly sequence: Sequence;
  readonly gaveWay: AbortController;
}

export class BaseEvaluation {
  readonly #runtime: Runtime;
  readonly #base: Base;
  readonly #overlays: Overlays;
  #building: Building | undefined;

  constructor(runtime: Runtime, base: Base, overlays: Overlays) {
    this.#runtime = runtime;
    this.#base = base;
    this.#overlays = overlays;
  }

  /**
   * Evaluates `tokens` and makes them the base `id`. What the present base begins with too is shared. Resolves to the
   * number of tokens evaluated; rejects with {@link BaseGaveWay} when the cells were needed.
   */
  async run(
    tokens: readonly number[],
    id: BaseId,
    signal: AbortSignal,
    onProgress: (done: number, total: number) => void,
  ): Promise<number> {
    const shared = commonPrefixLength(this.#base.sequence.tokens, tokens);
    const building = await this.#begin(shared, signal);
    try {
      await this.#prefill(building, tokens, signal, onProgress);
      await this.#install(building, id);
    } finally {
      this.#building = undefined;
    }
    return tokens.length - shared;
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

  async #begin(shared: number, signal: AbortSignal): Promise<Building> {
    const { scheduler, pool } = this.#runtime;
    const sequence = await scheduler.turn({ priority: 'base', signal }, async () => {
      await this.#overlays.reserve(1);
      return pool.fork(this.#base.sequence, shared);
    });
    this.#building = { sequence, gaveWay: new AbortController() };
    return this.#building;
  }

  async #prefill(
    { sequence, gaveWay }: Building,
    tokens: readonly number[],
    signal: AbortSignal,
    onProgress: (done: number, total: number) => void,
  ): Promise<void> {
    const { scheduler, pool, decoder, counters } = this.#runtime;
    const shared = sequence.tokens.length;
    try {
      await decoder.prefill(sequence, tokens.slice(shared), {
        priority: 'base',
        signal: AbortSignal.any([signal, gaveWay.signal]),
        onProgress: (done) => onProgress(shared + done, tokens.length),
      });
    } catch (error) {
      counters.baseTokensEvaluated += Math.max(0, sequence.tokens.length - shared);
      await scheduler.turn({ priority: 'base' }, () => pool.release(sequence));
      throw error;
    }
    counters.baseTokensEvaluated += sequence.tokens.length - shared;
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
