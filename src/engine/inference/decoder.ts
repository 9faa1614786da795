/** Prefill and single steps on the inference thread, in turns, with room made when the cells run out. */
import type { Context, DecodeResult, SampleOptions } from '../../../native/index.js';
import type { ContextSlot } from './contextSlot.ts';
import type { Counters } from '../counters.ts';
import { Drafting } from '../draft/drafting.ts';
import { EngineError } from '../errors.ts';
import { PrefillSpeed } from './prefillSpeed.ts';
import type { Priority, Scheduler } from './scheduler.ts';
import type { Sequence } from './sequences.ts';

export interface DecodeOptions {
  readonly priority: Priority;
  readonly signal?: AbortSignal | undefined;
  /** Sample after the last token. */
  readonly sample?: SampleOptions | undefined;
  /** The sampled token is likely to be the next: it is evaluated at once, until {@link Decoder.endAhead}. */
  readonly ahead?: boolean;
  readonly onProgress?: (done: number) => void;
}

export interface Sampled {
  readonly token: number;
  /** Not a number unless it was asked for. */
  readonly logProbability: number;
}

/** Up to this many tokens the last one is not worth a decode of its own. */
const shortPrefill = 8;
/** What a prefill that was interrupted before it got anywhere does next, without being interrupted again. */
const assuredTokens = 16;
/** The same for what nobody waits for: it may be interrupted again, but is often done between two keys. */
const modestTokens = 4;

export class Decoder {
  readonly #slot: ContextSlot;
  readonly #scheduler: Scheduler;
  readonly #counters: Counters;
  readonly speed = new PrefillSpeed();
  readonly drafting = new Drafting();
  /** Frees cells that nobody uses now; false when there are none. Called inside a turn. */
  makeRoom: (keep: Sequence) => Promise<boolean> = () => Promise.resolve(false);

  constructor(slot: ContextSlot, scheduler: Scheduler, counters: Counters) {
    this.#slot = slot;
    this.#scheduler = scheduler;
    this.#counters = counters;
  }

  get #context(): Context {
    return this.#slot.current;
  }

  /**
   * Evaluates `tokens` at the end of `sequence`. With `sample` the last token gets a decode of its own unless the whole
   * is short: then a later run that finds all but that token in a session decodes the very same batch and gets
   * bit-equal logits. Rejects with the signal's reason when it is aborted; `sequence` then holds what was evaluated.
   */
  async prefill(
    sequence: Sequence,
    tokens: readonly number[],
    options: DecodeOptions,
  ): Promise<Sampled | undefined> {
    const split = options.sample !== undefined && tokens.length > shortPrefill;
    const bulk = split ? tokens.slice(0, -1) : tokens;
    let done = 0;
    let assured = false;
    let sampled: Sampled | undefined;
    while (done < bulk.length) {
      options.signal?.throwIfAborted();
      const isModest = assured && options.priority === 'prefetch';
      const room = isModest ? modestTokens : assured ? assuredTokens : this.#context.nBatch;
      const chunk = bulk.slice(done, done + room);
      const last = !split && done + chunk.length === bulk.length;
      const before = sequence.tokens.length;
      const sample = last ? options.sample : undefined;
      sampled = await this.#decode(sequence, chunk, { ...options, sample }, !assured || isModest);
      const progress = sequence.tokens.length - before;
      // Without this an unbroken row of more urgent requests would keep it from ever getting on.
      assured = progress === 0;
      done += progress;
      options.onProgress?.(done);
    }
    if (!split) return sampled;
    return this.#untilSampled(sequence, tokens[tokens.length - 1] ?? 0, options);
  }

  /** Nobody will ask for what the last decode began ahead. */
  endAhead(): void {
    this.#context.endAhead();
  }

  /** One token in, one token out. */
  async step(sequence: Sequence, token: number, options: DecodeOptions): Promise<Sampled> {
    return this.#untilSampled(sequence, token, options);
  }

  async #untilSampled(sequence: Sequence, token: number, options: DecodeOptions): Promise<Sampled> {
    for (;;) {
      options.signal?.throwIfAborted();
      const sampled = await this.#decode(sequence, [token], options);
      if (sampled !== undefined) return sampled;
    }
  }

  /** One `llama_decode`; after an abort the sequence holds the ubatches that were finished. */
  async #decode(
    sequence: Sequence,
    tokens: readonly number[],
    options: DecodeOptions,
    interruptible = true,
  ): Promise<Sampled | undefined> {
    const { priority, signal, sample, ahead = false } = options;
    return this.#scheduler.turn({ priority, signal, interruptible }, async () => {
      const position = sequence.tokens.length;
      const item = { sequence: sequence.id, position, tokens: Int32Array.from(tokens) };
      for (;;) {
        const result =
          sample === undefined
            ? await this.#context.decode([item])
            : await this.#context.decode([{ ...item, sample }], { ahead });
        this.#counters.decodeCalls++;
        if (result.ahead) this.#counters.decodesAhead++;
        if (result.status === 'noRoom') {
          // What nobody waits for takes no cells from what somebody may come back to.
          if (priority !== 'prefetch' && (await this.makeRoom(sequence))) continue;
          throw contextFull(this.#context.nCtx);
        }
        await this.#record(sequence, tokens, result);
        if (result.status === 'done') this.speed.record(tokens.length, result.ms);
        if (result.status !== 'done' || sample === undefined) return undefined;
        if (tokens.length === 1) this.drafting.costs.recordSingle(result.ms);
        return {
          token: result.sampled[0] ?? -1,
          logProbability: result.logProbabilities[0] ?? Number.NaN,
        };
      }
    });
  }

  async #record(
    sequence: Sequence,
    tokens: readonly number[],
    result: DecodeResult,
  ): Promise<void> {
    if (result.status === 'fault') {
      // Some of them may be in their cells: the sequence is to hold what it says.
      await this.#context.removeSequence(sequence.id, sequence.tokens.length, -1);
      throw new EngineError(
        'ERR_WARMFORK_DECODE',
        `llama_decode failed with code ${result.code} on ${tokens.length} tokens; restart the engine if it happens again.`,
      );
    }
    let evaluated = tokens.length;
    if (result.status === 'aborted') {
      // Processed ubatches stay in memory after an abort (llama.h): only the context knows how many.
      const end = (await this.#context.maxPosition(sequence.id)) + 1;
      evaluated = Math.max(0, end - sequence.tokens.length);
      this.#counters.decodesAborted++;
    }
    for (const token of tokens.slice(0, evaluated)) sequence.tokens.push(token);
    this.#counters.tokensEvaluated += evaluated;
  }
}

export function contextFull(nCtx: number): EngineError {
  return new EngineError(
    'ERR_WARMFORK_CONTEXT_FULL',
    `The context of ${nCtx} tokens is full; start a new chat or raise warmfork.model.contextTokens.`,
  );
}
