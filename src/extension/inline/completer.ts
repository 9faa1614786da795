import type { Clock } from '../../client/clock.ts';
import type { EngineClient } from '../../client/engineClient.ts';
import { InFlight } from './inFlight.ts';
import { orLeft, pause } from './pause.ts';
import { prefetch } from './prefetch.ts';
import { nothing, offer, type CompletionTrace, type Outcome, type Question } from './question.ts';
import { joinedOutcome, ownOutcome, requestOf } from './request.ts';
import { ResultCache } from './resultCache.ts';
import { Rhythm } from './rhythm.ts';
import type { Answer, Run } from './run.ts';
import type { TextWindow } from './textWindow.ts';

export type { CompletionTrace, Question } from './question.ts';

export interface CompleterOptions {
  readonly engine: Pick<EngineClient, 'complete'>;
  readonly clock: Clock;
  /** How long typing has to rest, in ms; undefined: as typing rhythm and measured latency say. */
  readonly debounceMs: () => number | undefined;
  /** Model and base session answers depend on. Default: none is told from another. */
  readonly scope?: () => EngineScope;
  /** Ask ahead for what follows a suggestion that shows. Default: no. */
  readonly prefetch?: () => boolean;
}

export interface EngineScope {
  readonly model: string;
  /** Empty while there is none. */
  readonly baseId: string;
}

/** Answers the editor's questions. Invariant: at most one is under way; the latest wins. Never rejects. */
export class Completer {
  readonly #options: CompleterOptions;
  readonly #cache = new ResultCache();
  readonly #rhythm = new Rhythm();
  readonly #inFlight: InFlight;
  #current: AbortController | undefined;

  constructor(options: CompleterOptions) {
    this.#options = options;
    const { engine, clock } = options;
    this.#inFlight = new InFlight({
      engine,
      clock,
      onEnd: (run, answer) => this.#ended(run, answer),
    });
  }

  async complete(question: Question, signal: AbortSignal): Promise<CompletionTrace> {
    const startMs = this.#options.clock.now();
    this.#current?.abort();
    const current = new AbortController();
    this.#current = current;
    const outcome = await this.#answer(question, AbortSignal.any([signal, current.signal]));
    if (this.#current === current) this.#current = undefined;
    const superseded = outcome.outcome === 'cancelled' && current.signal.aborted;
    return this.#traceOf(question, startMs, { ...outcome, ...(superseded && { superseded }) });
  }

  /** The answer that needs no engine, if there is one: what was suggested and is being typed, or was answered before. */
  recall(question: Question): CompletionTrace | undefined {
    const recalled = this.#recalled(question);
    return recalled && this.#traceOf(question, this.#options.clock.now(), recalled);
  }

  /** A document was changed by a key; `window` takes its text around the place where the cursor is now. */
  edited(uri: string, window: () => TextWindow): void {
    this.#rhythm.key(this.#options.clock.now());
    if (this.isAsking(uri)) this.#inFlight.edited(window());
  }

  /** True while a request for this document is under way. */
  isAsking(uri: string): boolean {
    return this.#inFlight.run?.params.uri === uri;
  }

  /** What was suggested for this document no longer fits (discarded session, closed). */
  forget(uri: string): void {
    this.#cache.forget(uri);
    if (this.isAsking(uri)) this.#inFlight.cancel();
  }

  async #answer(question: Question, signal: AbortSignal): Promise<Outcome> {
    const recalled = this.#recalled(question);
    if (recalled !== undefined) return this.#offered(question, recalled);
    const joined = this.#inFlight.join(question);
    if (joined !== undefined) {
      const answer = await this.#wait(joined, signal);
      const outcome = answer && joinedOutcome(answer, joined, question);
      if (outcome !== undefined) return this.#offered(question, outcome);
    } else {
      this.#inFlight.cancel();
      await pause(this.#delayMs(question), signal, this.#options.clock);
    }
    if (signal.aborted) return nothing('cancelled', 0);
    const run = this.#inFlight.start(requestOf(question));
    const answer = await this.#wait(run, signal);
    return this.#offered(question, ownOutcome(answer ?? { kind: 'cancelled' }, run));
  }

  #recalled(question: Question): Outcome | undefined {
    const { uri, window, candidates: wanted = 1 } = question;
    const hit = this.#cache.find({ uri, window, scope: this.#scope() });
    // Who asks for several gets several, unless what shows is being typed.
    if (hit === undefined || (wanted > 1 && hit.candidates.length < 2)) return undefined;
    const { source, candidates, dropped } = hit;
    return { ...offer(source, candidates, 0), ...(dropped && { dropped }) };
  }

  #delayMs({ trigger, window }: Question): number {
    if (trigger === 'invoke') return 0;
    return this.#options.debounceMs() ?? this.#rhythm.delayMs(window.prefix);
  }

  async #wait(run: Run, signal: AbortSignal): Promise<Answer | undefined> {
    this.#inFlight.enter();
    const answer = await orLeft(run.answer, signal);
    this.#inFlight.leave(run);
    return answer;
  }

  #offered(question: Question, outcome: Outcome): Outcome {
    if (outcome.outcome !== 'offered' || this.#options.prefetch?.() !== true) return outcome;
    const parts = { cache: this.#cache, inFlight: this.#inFlight, scope: this.#scope() };
    prefetch(question, outcome.text, parts);
    return outcome;
  }

  #ended(run: Run, answer: Answer): void {
    this.#measure(run, answer);
    if (answer.kind !== 'answered') return;
    const { candidates, dropped, baseId } = answer.result;
    const { uri, prefix, suffix, firstLine } = run.params;
    const window = { prefix, suffix, firstLine };
    this.#cache.add({ uri, scope: this.#scope(baseId), window, candidates, dropped });
  }

  /** Typing competes with the wait for the first token: what comes after it is joined, or ends within one step. */
  #measure({ startMs, shown }: Run, answer: Answer): void {
    if (shown !== undefined) return;
    const ms = this.#options.clock.now() - startMs;
    if (answer.kind === 'answered') this.#rhythm.answered(answer.result.stats.firstTokenMs || ms);
    if (answer.kind === 'cancelled') this.#rhythm.cancelled(ms);
  }

  #scope(answeredOn?: string): string {
    const scope = this.#options.scope?.();
    return scope ? `${scope.model}\n${answeredOn ?? scope.baseId}` : '';
  }

  #traceOf({ uri, trigger }: Question, startMs: number, outcome: Outcome): CompletionTrace {
    return { uri, trigger, ...outcome, ms: this.#options.clock.now() - startMs };
  }
}
