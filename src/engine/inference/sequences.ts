/**
 * Sequences: streams of positions in the context's unified KV cells. A sequence knows the tokens its cells hold.
 * Forking is metadata only (`llama_memory_seq_cp`): no K/V byte is copied.
 */
import type { Context } from '../../../native/index.js';
import type { ContextSlot } from './contextSlot.ts';
import type { Counters } from '../counters.ts';
import { EngineError } from '../errors.ts';

/** One request works in a sequence, from turn to turn. */
interface Work {
  readonly signal: AbortSignal;
  readonly ended: Promise<void>;
}

export class Sequence {
  readonly id: number;
  /** Tokens in the cells of this sequence, position 0 first. */
  readonly tokens: number[] = [];
  /** Grows whenever work in it begins or ends. */
  changes = 0;
  #work: Work | undefined;

  constructor(id: number) {
    this.id = id;
  }

  /** Who works in it is the only one who may cut or release it. */
  get inWork(): boolean {
    return this.#work !== undefined;
  }

  /**
   * For a request that evaluates in this very sequence until it calls what this returns, which must need no turn once
   * `signal` is aborted. Nobody may work in it already.
   */
  beginWork(signal: AbortSignal): () => void {
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    const work: Work = { signal, ended };
    this.#work = work;
    this.changes++;
    return () => {
      if (this.#work === work) this.#work = undefined;
      this.changes++;
      end();
    };
  }

  /** Whether nobody works in it; waits for who was aborted and is about to leave. May be called inside a turn. */
  async isLeft(): Promise<boolean> {
    if (this.#work?.signal.aborted === true) await this.#work.ended;
    return !this.inWork;
  }
}

/** Hands out sequence ids. Every method must run in a turn of the scheduler. */
export class SequencePool {
  readonly #slot: ContextSlot;
  readonly #counters: Counters;
  readonly #free: number[];

  constructor(slot: ContextSlot, counters: Counters) {
    const { nSeqMax } = slot.current;
    this.#slot = slot;
    this.#counters = counters;
    this.#free = Array.from({ length: nSeqMax }, (_, id) => nSeqMax - 1 - id);
  }

  get #context(): Context {
    return this.#slot.current;
  }

  get available(): number {
    return this.#free.length;
  }

  /** An empty sequence. Lowest id first. */
  acquire(): Sequence {
    const id = this.#free.pop();
    if (id === undefined)
      throw new EngineError(
        'ERR_WARMFORK_CONTEXT_FULL',
        `All ${this.#context.nSeqMax} sequences of the context are in use; close a chat or a file.`,
      );
    return new Sequence(id);
  }

  /** A new sequence that shares the first `length` cells of `source`. */
  async fork(source: Sequence, length: number): Promise<Sequence> {
    const fork = this.acquire();
    await this.share(source, fork, 0, length);
    return fork;
  }

  /** Lets `target` see the cells `[from, to)` of `source` as well. */
  async share(source: Sequence, target: Sequence, from: number, to: number): Promise<void> {
    if (to <= from) return;
    await this.extend(source, target, from, to);
    this.#counters.forks++;
  }

  /** The same for a piece of a fork that nobody has asked for yet: it is not counted. */
  async extend(source: Sequence, target: Sequence, from: number, to: number): Promise<void> {
    await this.#context.copySequence(source.id, target.id, from, to);
    for (let position = from; position < to; position++)
      target.tokens[position] = source.tokens[position] ?? 0;
  }

  async cut(sequence: Sequence, length: number): Promise<void> {
    if (length >= sequence.tokens.length) return;
    await this.#context.removeSequence(sequence.id, length, -1);
    sequence.tokens.length = length;
  }

  /** The same without a wait: jobs of a context run in their order, so that what is asked of it next finds it done. */
  cutSoon(sequence: Sequence, length: number): void {
    if (length >= sequence.tokens.length) return;
    // It fails when the context is closed, and then so does what comes next.
    this.#context.removeSequence(sequence.id, length, -1).catch(() => undefined);
    sequence.tokens.length = length;
  }

  async release(sequence: Sequence): Promise<void> {
    await this.#context.removeSequence(sequence.id, -1, -1);
    sequence.tokens.length = 0;
    this.#free.push(sequence.id);
    this.#free.sort((a, b) => b - a);
  }
}
