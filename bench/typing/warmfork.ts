/** Warmfork as a player: the provider's logic of the extension over an engine. The only place here that knows either. */
import { systemClock } from '../../src/client/clock.ts';
import type { EngineClient } from '../../src/client/engineClient.ts';
import { Completer, type CompletionTrace } from '../../src/extension/inline/completer.ts';
import { takeWindow } from '../../src/extension/inline/textWindow.ts';
import type { EngineCounters } from '../../src/protocol/status.ts';
import type { Answer, Moment, Player } from './player.ts';
import type { Pace } from './replay.ts';
import { VirtualClock } from './virtualClock.ts';

/** A client of the engine process, or the engine itself. */
export interface ReplayEngine {
  readonly complete: EngineClient['complete'];
  counters(): Promise<EngineCounters>;
}

export interface WarmforkOptions {
  readonly engine: ReplayEngine;
  readonly pace: Pace;
  /** Longest suggestion, in tokens; the same for every player. */
  readonly maxTokens: number;
  /** Ask ahead for what follows a suggestion; default: yes, as in the extension. */
  readonly prefetch?: boolean;
  readonly close?: () => Promise<void>;
}

/** What the calls of one key were. */
interface Calls {
  readonly startedMs: number;
  count: number;
  prefetches: number;
  evaluated: number;
  generated: number;
  calledMs?: number;
  firstTextMs?: number;
}

export class WarmforkPlayer implements Player {
  readonly name = 'Warmfork';
  readonly #options: WarmforkOptions;
  readonly #completer: Completer;
  readonly #clock: VirtualClock | undefined;
  #calls: Calls = newCalls();

  constructor(options: WarmforkOptions) {
    this.#options = options;
    this.#clock = options.pace === 'fast' ? new VirtualClock() : undefined;
    this.#completer = new Completer({
      engine: { complete: (...args) => this.#complete(...args) },
      clock: this.#clock ?? systemClock,
      debounceMs: () => undefined,
      prefetch: () => options.prefetch ?? true,
    });
  }

  async open(uri: string): Promise<void> {
    this.#completer.forget(uri);
  }

  async ask(moment: Moment, pauseMs: number, signal: AbortSignal): Promise<Answer> {
    const { document, position, uri, path, languageId } = moment;
    this.#clock?.skip(pauseMs);
    const calls = newCalls();
    this.#calls = calls;
    const window = takeWindow(document, position, position);
    this.#completer.edited(uri, () => window);
    const question = { uri, path, languageId, window, trigger: 'automatic' } as const;
    const trace = await this.#completer.complete(question, signal);
    return answerOf(trace, calls, performance.now());
  }

  async tokensDecoded(): Promise<number> {
    return (await this.#options.engine.counters()).tokensEvaluated;
  }

  async close(): Promise<void> {
    await this.#options.close?.();
  }

  /** Counts, bounds the length, and hears of the first text. */
  readonly #complete: EngineClient['complete'] = async (params, signal, onDelta) => {
    const calls = this.#calls;
    const { engine, maxTokens } = this.#options;
    const bounded = { ...params, maxTokens: Math.min(params.maxTokens ?? maxTokens, maxTokens) };
    if (params.trigger === 'prefetch') {
      calls.prefetches++;
      return engine.complete(bounded, signal, onDelta);
    }
    calls.count++;
    calls.calledMs ??= performance.now();
    const result = await engine.complete(bounded, signal, (delta) => {
      calls.firstTextMs ??= performance.now();
      onDelta?.(delta);
    });
    calls.evaluated += result.stats.evaluated;
    calls.generated += result.stats.generated;
    return result;
  };
}

function newCalls(): Calls {
  return { startedMs: performance.now(), count: 0, prefetches: 0, evaluated: 0, generated: 0 };
}

function answerOf({ outcome, text, error }: CompletionTrace, calls: Calls, nowMs: number): Answer {
  const { startedMs, calledMs = startedMs, firstTextMs } = calls;
  // What was known already is there at once, all of it.
  const firstMs = firstTextMs ?? (outcome === 'offered' ? nowMs : undefined);
  return {
    outcome,
    text,
    engineCalls: calls.count,
    prefetches: calls.prefetches,
    evaluated: calls.evaluated,
    generated: calls.generated,
    wholeMs: nowMs - startedMs,
    debounceMs: calledMs - startedMs,
    ...(firstMs === undefined ? {} : { firstTextMs: firstMs - startedMs }),
    ...(error === undefined ? {} : { error }),
  };
}
