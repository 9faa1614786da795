/**
 * Forks of the base that are there before somebody asks. `llama_memory_seq_cp` walks the base's cells, one after the
 * other: a request that finds a fork ready waits for none of them, however long the base is.
 */
import type { Base } from '../base/base.ts';
import type { Runtime } from '../runtime.ts';
import type { Sequence } from './sequences.ts';

/** So many are kept: one for the next file, one for who asks at the same moment. */
const wantedForks = 2;
/** So many sequences stay free beside them. */
const spareSequences = 4;
/** Cells that one turn shares: nobody more urgent waits for longer than that takes. */
const cellsPerTurn = 1024;

/** What of the engine it needs. */
export type ForkRuntime = Pick<Runtime, 'pool' | 'counters' | 'scheduler' | 'gate' | 'log'>;

export class ReadyForks {
  readonly #runtime: ForkRuntime;
  readonly #base: Base;
  readonly #forks: Sequence[] = [];
  #isFilling = false;

  constructor(runtime: ForkRuntime, base: Base) {
    this.#runtime = runtime;
    this.#base = base;
  }

  /**
   * A sequence that shares the first `length` cells of `source`, which begins as the base does. What is ready is taken,
   * and only what `source` has above the base is shared now. Runs inside a turn.
   */
  async fork(source: Sequence, length: number): Promise<Sequence> {
    const { pool, counters } = this.#runtime;
    const start = this.#base.sequence.tokens.length;
    const ready = length >= start ? this.#forks.pop() : undefined;
    this.refillSoon();
    if (ready === undefined) return pool.fork(source, length);
    await pool.share(source, ready, start, length);
    counters.readyForksTaken++;
    return ready;
  }

  /** Gives back a sequence that begins as the base does: cut back to it, it is the next to be taken. Runs inside a turn. */
  async release(sequence: Sequence): Promise<void> {
    const { pool } = this.#runtime;
    const { length } = this.#base.sequence.tokens;
    const isWanted = this.#forks.length < wantedForks && pool.available >= spareSequences;
    if (!isWanted || length === 0 || sequence.tokens.length < length) return pool.release(sequence);
    await pool.cut(sequence, length);
    this.#forks.push(sequence);
  }

  /** Frees the sequence of one; false when there is none. Runs inside a turn. */
  async shrink(): Promise<boolean> {
    const fork = this.#forks.pop();
    if (fork !== undefined) await this.#runtime.pool.release(fork);
    return fork !== undefined;
  }

  /** Gives all back because the base they begin with goes. Runs inside a turn. */
  async drop(): Promise<void> {
    while (await this.shrink()) continue;
  }

  /** Makes what is missing when nobody waits. Returns at once. */
  refillSoon(): void {
    if (this.#isFilling) return;
    this.#isFilling = true;
    const { gate, log } = this.#runtime;
    void gate
      .shared(() => this.#refill())
      .catch((error: unknown) =>
        log('debug', `no fork was made ready: ${(error as Error).message}`),
      )
      .finally(() => (this.#isFilling = false));
  }

  async #refill(): Promise<void> {
    while (this.#forks.length < wantedForks) {
      const fork = await this.#make();
      if (fork === undefined) return;
      this.#forks.push(fork);
    }
  }

  /** Undefined when there is no base, or sequences are scarce. */
  async #make(): Promise<Sequence | undefined> {
    const { scheduler, pool, counters } = this.#runtime;
    const { sequence: base } = this.#base;
    if (base.tokens.length === 0) return undefined;
    const fork = await scheduler.turn({ priority: 'upkeep' }, async () =>
      pool.available > spareSequences ? pool.acquire() : undefined,
    );
    if (fork === undefined) return undefined;
    while (fork.tokens.length < base.tokens.length) {
      const from = fork.tokens.length;
      const to = Math.min(from + cellsPerTurn, base.tokens.length);
      await scheduler.turn({ priority: 'upkeep' }, () => pool.extend(base, fork, from, to));
    }
    counters.readyForksMade++;
    return fork;
  }
}
