import type { Clock } from '../../client/clock.ts';
import type { EngineClient } from '../../client/engineClient.ts';
import { EngineGoneError } from '../../client/engineError.ts';
import type { CompletionResult, RequestStats } from '../../protocol/requests.ts';
import { pause } from './pause.ts';
import { SuggestionCache } from './suggestionCache.ts';
import type { TextWindow } from './textWindow.ts';

/** One question of the editor: what comes at the cursor? */
export interface Question {
  readonly uri: string;
  readonly path: string;
  readonly languageId: string;
  readonly window: TextWindow;
  readonly trigger: 'automatic' | 'invoke';
}

/** What became of it; facts for the log, bug reports and tests. */
export interface CompletionTrace {
  readonly uri: string;
  readonly trigger: Question['trigger'];
  readonly outcome: 'offered' | 'empty' | 'cancelled' | 'failed';
  readonly source: 'engine' | 'typedAsSuggested';
  /** Text offered at the cursor. */
  readonly text: string;
  /** Requests sent: 2 when the engine stopped under the first. */
  readonly attempts: number;
  readonly ms: number;
  readonly stats?: RequestStats;
  readonly error?: string;
}

export interface CompleterOptions {
  readonly engine: Pick<EngineClient, 'complete'>;
  readonly clock: Clock;
  readonly debounceMs: () => number;
}

/** Answers the editor's questions. Invariant: at most one is under way; the latest wins. Never rejects. */
export class Completer {
  readonly #options: CompleterOptions;
  readonly #cache = new SuggestionCache();
  #current: AbortController | undefined;

  constructor(options: CompleterOptions) {
    this.#options = options;
  }

  async complete(question: Question, signal: AbortSignal): Promise<CompletionTrace> {
    const startMs = this.#options.clock.now();
    this.#current?.abort();
    const current = new AbortController();
    this.#current = current;
    const either = AbortSignal.any([signal, current.signal]);
    const outcome = await this.#answer(question, either);
    if (this.#current === current) this.#current = undefined;
    const { uri, trigger } = question;
    return { uri, trigger, ...outcome, ms: this.#options.clock.now() - startMs };
  }

  /** What was suggested for this document no longer fits (other model, discarded session). */
  forget(uri: string): void {
    this.#cache.forget(uri);
  }

  async #answer(question: Question, signal: AbortSignal): Promise<Outcome> {
    const rest = this.#cache.find(question.uri, question.window);
    if (rest !== undefined) {
      return { outcome: 'offered', source: 'typedAsSuggested', text: rest, attempts: 0 };
    }
    const delayMs = question.trigger === 'automatic' ? this.#options.debounceMs() : 0;
    if (!(await pause(delayMs, signal, this.#options.clock))) return nothing('cancelled', 0);
    return this.#ask(question, signal, 1);
  }

  async #ask(question: Question, signal: AbortSignal, attempts: number): Promise<Outcome> {
    const { uri, path, languageId, window } = question;
    try {
      const result = await this.#options.engine.complete(
        { uri, path, languageId, ...window },
        signal,
      );
      if (result.text) this.#cache.add({ uri, window, text: result.text });
      return offer(result, attempts);
    } catch (error) {
      if (signal.aborted) return nothing('cancelled', attempts);
      if (error instanceof EngineGoneError && attempts === 1) {
        return this.#ask(question, signal, attempts + 1);
      }
      const words = error instanceof Error ? error.message : String(error);
      return { ...nothing('failed', attempts), error: words };
    }
  }
}

type Outcome = Omit<CompletionTrace, 'uri' | 'trigger' | 'ms'>;

function offer({ text, stats }: CompletionResult, attempts: number): Outcome {
  return { outcome: text ? 'offered' : 'empty', source: 'engine', text, attempts, stats };
}

function nothing(outcome: 'cancelled' | 'failed', attempts: number): Outcome {
  return { outcome, source: 'engine', text: '', attempts };
}
