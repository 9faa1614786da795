/** One request: fork, prefill what the cells do not have, generate, promote. */
import type { SampleOptions } from '../../native/index.js';
import { commonPrefixLength } from '../cache/tokenPrefix.ts';
import type { RequestStats, SamplingParams, StopReason } from '../protocol/requests.ts';
import type { Base } from './base.ts';
import { Healing } from './healing.ts';
import type { Overlay } from './overlay.ts';
import type { Overlays } from './overlays.ts';
import type { Runtime } from './runtime.ts';
import type { Priority } from './scheduler.ts';
import type { Sequence } from './sequences.ts';

export interface Generation {
  /** Attached, if it can be. */
  readonly overlay: Overlay;
  /** It came back from its file for this request. */
  readonly restored: boolean;
  /** Prompt above the base. */
  readonly prompt: readonly number[];
  /** Bytes that generation has to begin with. */
  readonly healing?: Uint8Array;
  readonly priority: Priority;
  readonly signal: AbortSignal;
  readonly maxTokens: number;
  readonly sampling: SamplingParams | undefined;
  /** Whether generated tokens belong to the session. A suggestion does not, an answer does. */
  readonly keepGenerated: boolean;
  /** Called with the whole text after each token; true ends generation. */
  readonly stop?: (text: string) => boolean;
  readonly onText?: (added: string) => void;
}

export interface Generated {
  readonly text: string;
  readonly tokens: readonly number[];
  readonly stopReason: StopReason;
  readonly stats: RequestStats;
}

/** Runs one request on a fork of its overlay, or of the base. A cancelled one answers with what it has. */
export async function generate(
  runtime: Runtime,
  base: Base,
  overlays: Overlays,
  request: Generation,
): Promise<Generated> {
  const started = performance.now();
  const full = [...base.sequence.tokens, ...request.prompt];
  const run = new Run(runtime, request, started);
  const { priority, signal } = request;
  const fork = await runtime.scheduler.turn({ priority, signal }, () =>
    run.fork(base, overlays, full),
  );
  try {
    await run.decode(fork, full);
  } finally {
    const progress = fork.tokens.length > run.reused || request.overlay.sequence === undefined;
    const stable = request.keepGenerated ? fork.tokens.length : full.length;
    await runtime.scheduler.turn({ priority }, () =>
      progress ? overlays.promote(request.overlay, fork, stable) : runtime.pool.release(fork),
    );
  }
  return run.result(full.length);
}

class Run {
  readonly #runtime: Runtime;
  readonly #request: Generation;
  readonly #started: number;
  readonly #healing: Healing;
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  readonly #tokens: number[] = [];
  #text = '';
  #stopReason: StopReason = 'length';
  #firstTokenMs = 0;
  #queuedMs = 0;
  #forkMs = 0;
  reused = 0;

  constructor(runtime: Runtime, request: Generation, started: number) {
    this.#runtime = runtime;
    this.#request = request;
    this.#started = started;
    this.#healing = new Healing(runtime.tokenizer, request.healing ?? new Uint8Array());
  }

  /** Forks what shares most tokens with the prompt. The last prompt token is always evaluated: its logits are needed. */
  async fork(base: Base, overlays: Overlays, full: readonly number[]): Promise<Sequence> {
    const began = performance.now();
    this.#queuedMs = began - this.#started;
    const { overlay } = this.#request;
    await overlays.reserve(1);
    const source = overlay.sequence ?? base.sequence;
    this.reused = Math.min(commonPrefixLength(source.tokens, full), full.length - 1);
    const forkStarted = performance.now();
    // What the fork does not share is of no use any more: without it the cells stay dense, and a run that finds its
    // prefix in a file lays its cells out as the run that wrote it.
    if (overlay.sequence !== undefined) await overlays.cut(overlay, this.reused);
    const fork = await this.#runtime.pool.fork(source, this.reused);
    this.#forkMs = performance.now() - forkStarted;
    return fork;
  }

  async decode(fork: Sequence, full: readonly number[]): Promise<void> {
    const { signal } = this.#request;
    const sampler = this.#newSampler();
    try {
      await this.#generate(fork, full, sampler === undefined ? {} : { sampler });
    } catch (error) {
      if (!signal.aborted) throw error;
      this.#stopReason = 'cancelled';
    } finally {
      sampler?.close();
    }
  }

  async #generate(fork: Sequence, full: readonly number[], sample: SampleOptions): Promise<void> {
    const { decoder } = this.#runtime;
    const { priority, signal, overlay, maxTokens } = this.#request;
    const options = { priority, signal };
    const prefillStarted = performance.now();
    let sampled = await decoder.prefill(fork, full.slice(this.reused), {
      ...options,
      sample: this.#healing.restrict(sample),
    });
    this.#firstTokenMs = performance.now() - this.#started;
    overlay.costMs += performance.now() - prefillStarted;
    while (sampled !== undefined && this.#take(sampled.token)) {
      if (this.#tokens.length >= maxTokens) return;
      const next = this.#healing.restrict(sample);
      sampled = await decoder.step(fork, sampled.token, { ...options, sample: next });
    }
  }

  /** Takes one sampled token; false when generation is over. */
  #take(token: number): boolean {
    const { tokenizer } = this.#runtime;
    if (token < 0 || tokenizer.endsText(token)) {
      this.#stopReason = 'endOfText';
      return false;
    }
    this.#tokens.push(token);
    const added = this.#decoder.decode(this.#healing.take(tokenizer.bytes(token)), {
      stream: true,
    });
    this.#text += added;
    if (added !== '') this.#request.onText?.(added);
    if (this.#request.stop?.(this.#text) !== true) return true;
    this.#stopReason = 'stop';
    return false;
  }

  result(promptTokens: number): Generated {
    return {
      text: this.#text,
      tokens: this.#tokens,
      stopReason: this.#stopReason,
      stats: {
        promptTokens,
        evaluated: promptTokens - this.reused,
        reused: this.reused,
        generated: this.#tokens.length,
        queuedMs: this.#queuedMs,
        forkMs: this.#forkMs,
        firstTokenMs: this.#firstTokenMs,
        totalMs: performance.now() - this.#started,
        sessionRestored: this.#request.restored,
      },
    };
  }

  #newSampler(): ReturnType<Runtime['newSampler']> | undefined {
    const { sampling } = this.#request;
    if (sampling === undefined || sampling.temperature <= 0) return undefined;
    const { temperature, topK = 40, topP = 0.95, seed = 0 } = sampling;
    return this.#runtime.newSampler({ temperature, topK, topP, seed });
  }
}
