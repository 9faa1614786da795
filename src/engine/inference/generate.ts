/** One request: fork, prefill what the cells do not have, generate, promote. */
import type { SampleOptions } from '../../../native/index.js';
import type { RequestStats, SamplingParams, StopReason } from '../../protocol/requests.ts';
import type { Base } from '../base/base.ts';
import { forkForPrompt } from '../completion/forkPrompt.ts';
import type { Follower } from '../draft/follower.ts';
import type { Overlay } from '../overlay/overlay.ts';
import type { Overlays } from '../overlay/overlays.ts';
import type { Runtime } from '../runtime.ts';
import type { DecodeOptions, Sampled } from './decoder.ts';
import { stepDrafted } from './draftStep.ts';
import type { Priority } from './scheduler.ts';
import type { Sequence } from './sequences.ts';
import { TextStream } from './textStream.ts';

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
export function generate(
  runtime: Runtime,
  base: Base,
  overlays: Overlays,
  request: Generation,
): Promise<Generated> {
  const work = (): Promise<Generated> => generateNow(runtime, base, overlays, request);
  return request.priority === 'prefetch' ? work() : runtime.scheduler.withoutBase(work);
}

async function generateNow(
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
    if (run.leave(overlays, fork, full.length))
      await runtime.scheduler.turn({ priority }, () => run.putBack(overlays, fork, full.length));
  }
  return run.result(full.length);
}

class Run {
  readonly #runtime: Runtime;
  readonly #request: Generation;
  readonly #started: number;
  readonly #stream: TextStream;
  #cancelled = false;
  #source: Sequence | undefined;
  #sourceChanges = 0;
  /** Set while the request works in its overlay's own sequence. */
  #leave: (() => void) | undefined;
  #firstTokenMs = 0;
  #queuedMs = 0;
  #forkMs = 0;
  reused = 0;

  constructor(runtime: Runtime, request: Generation, started: number) {
    this.#runtime = runtime;
    this.#request = request;
    this.#started = started;
    this.#stream = new TextStream(runtime.tokenizer, request);
  }

  async fork(base: Base, overlays: Overlays, full: readonly number[]): Promise<Sequence> {
    const { overlay, priority, signal } = this.#request;
    // What nobody waits for pushes nothing out, and takes nothing from who types meanwhile.
    const isAhead = priority === 'prefetch';
    this.#source = overlay.sequence;
    this.#sourceChanges = overlay.sequence?.changes ?? 0;
    const options = { evict: !isAhead, workIn: isAhead ? undefined : signal };
    const forked = await forkForPrompt(this.#runtime, base, overlays, overlay, full, options);
    this.#leave = forked.leave;
    this.reused = forked.reused;
    this.#queuedMs = forked.forkedAt - this.#started;
    this.#forkMs = forked.forkMs;
    return forked.fork;
  }

  async decode(fork: Sequence, full: readonly number[]): Promise<void> {
    const { signal } = this.#request;
    const sampler = this.#newSampler();
    try {
      await this.#generate(fork, full, sampler === undefined ? {} : { sampler });
    } catch (error) {
      if (!signal.aborted) throw error;
      this.#cancelled = true;
    } finally {
      this.#runtime.decoder.endAhead();
      sampler?.close();
    }
  }

  async #generate(fork: Sequence, full: readonly number[], sample: SampleOptions): Promise<void> {
    const { decoder } = this.#runtime;
    const { priority, signal, overlay, maxTokens } = this.#request;
    const options = { priority, signal };
    const prefillStarted = performance.now();
    const first = await decoder.prefill(fork, full.slice(this.reused), {
      ...options,
      ahead: this.#goesOn(),
      sample: this.#stream.restrict(sample),
    });
    this.#firstTokenMs = performance.now() - this.#started;
    overlay.costMs += performance.now() - prefillStarted;
    const follower = decoder.drafting.follow(full);
    let sampled: readonly Sampled[] = first === undefined ? [] : [first];
    for (;;) {
      const before = fork.tokens.length - sampled.length;
      for (const [at, one] of sampled.entries()) {
        if (!this.#stream.take(one) || this.#stream.tokens.length >= maxTokens)
          return this.#cut(fork, before + at + 1);
        follower?.take(one.token);
      }
      const last = sampled.at(-1);
      if (last === undefined) return;
      const next = {
        ...options,
        ahead: this.#goesOn(),
        sample: this.#stream.restrict(sample),
      };
      sampled = await this.#next(fork, last.token, next, follower);
    }
  }

  /** Whether the token that comes next is followed by another, as far as its text does not end. */
  #goesOn(): boolean {
    return this.#stream.tokens.length + 1 < this.#request.maxTokens;
  }

  /** What comes after `token`: one token, or several where a draft was right. */
  async #next(
    fork: Sequence,
    token: number,
    options: DecodeOptions,
    follower: Follower | undefined,
  ): Promise<readonly Sampled[]> {
    const { decoder } = this.#runtime;
    const { drafting, speed } = decoder;
    const most = this.#request.maxTokens - this.#stream.tokens.length - 1;
    if (follower !== undefined && options.sample?.allowed === undefined) {
      const draft = follower.foretell(drafting.choose(follower, most, speed.msPerToken));
      const drafted = [token, ...draft];
      const sampled =
        draft.length > 0
          ? await stepDrafted(this.#runtime, fork, drafted, { ...options, follower })
          : [];
      if (sampled.length > 0) return sampled;
    }
    return [await decoder.step(fork, token, options)];
  }

  /** What a draft brought behind the end goes: the sequence is as without it. */
  async #cut(fork: Sequence, length: number): Promise<void> {
    if (length >= fork.tokens.length) return;
    const { scheduler, pool } = this.#runtime;
    await scheduler.turn({ priority: this.#request.priority }, () => pool.cut(fork, length));
  }

  /** True when the fork has to be put back. The overlay's own sequence is where it belongs: no turn, no copy. */
  leave(overlays: Overlays, fork: Sequence, promptTokens: number): boolean {
    if (this.#leave === undefined) return true;
    this.#leave();
    const { overlay, keepGenerated } = this.#request;
    if (fork.tokens.length > this.reused)
      overlays.worked(overlay, fork, keepGenerated ? fork.tokens.length : promptTokens);
    return !overlays.has(overlay, fork);
  }

  /**
   * Makes the fork its overlay's own sequence if it got anywhere. Generated tokens stay on it: they are there already
   * when a person takes them over. Runs inside a turn.
   */
  async putBack(overlays: Overlays, fork: Sequence, promptTokens: number): Promise<void> {
    const { overlay, keepGenerated, priority } = this.#request;
    const progress = fork.tokens.length > this.reused || overlay.sequence === undefined;
    const isAhead = priority === 'prefetch';
    const isGivenUp = this.#leave !== undefined;
    if (!progress || isGivenUp || (isAhead && this.#isOvertaken(overlay)))
      return overlays.ready.release(fork);
    const { dirty, stable } = overlay;
    if (!isAhead)
      return overlays.promote(overlay, fork, keepGenerated ? fork.tokens.length : promptTokens);
    // Its prompt is only what a person may come to write: nothing of it is worth a file.
    await overlays.promote(overlay, fork, Math.min(stable, this.reused));
    overlay.dirty = dirty;
  }

  /** Somebody has gone on with the document since this began. */
  #isOvertaken({ sequence }: Overlay): boolean {
    return sequence !== this.#source || (sequence?.changes ?? 0) !== this.#sourceChanges;
  }

  result(promptTokens: number): Generated {
    return {
      text: this.#stream.text,
      tokens: this.#stream.tokens,
      stopReason: this.#cancelled ? 'cancelled' : (this.#stream.ended ?? 'length'),
      stats: {
        promptTokens,
        evaluated: promptTokens - this.reused,
        reused: this.reused,
        generated: this.#stream.tokens.length,
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
