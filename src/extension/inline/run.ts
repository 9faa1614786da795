import type { EngineClient } from '../../client/engineClient.ts';
import { EngineGoneError } from '../../client/engineError.ts';
import type { CompletionParams, CompletionResult } from '../../protocol/requests.ts';
import type { TextWindow } from './textWindow.ts';
import { restsOf, typedSince, type Typed } from './typed.ts';

/** How a request ended. */
export type Answer =
  | { readonly kind: 'answered'; readonly result: CompletionResult }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'failed'; readonly message: string };

/** A suggestion that shows, and where: a prefetch asks what comes after it. */
export interface Shown {
  readonly window: TextWindow;
  readonly text: string;
}

/** One request under way, and what it has produced so far. Sent again once when the engine ends under it. */
export class Run {
  readonly params: CompletionParams;
  /** Set for a prefetch. */
  readonly shown: Shown | undefined;
  readonly startMs: number;
  readonly answer: Promise<Answer>;
  readonly #controller = new AbortController();
  #produced = '';
  #typed = '';
  #attempts = 0;

  constructor(
    engine: Pick<EngineClient, 'complete'>,
    params: CompletionParams,
    options: { readonly startMs: number; readonly shown: Shown | undefined },
  ) {
    this.params = params;
    this.shown = options.shown;
    this.startMs = options.startMs;
    this.answer = this.#ask(engine);
  }

  get attempts(): number {
    return this.#attempts;
  }

  get hasText(): boolean {
    return this.#produced !== '';
  }

  /** What was typed since it was asked; undefined when its answer cannot be of use there any more. */
  typedUntil(window: TextWindow): Typed | undefined {
    const typed = typedSince(this.params, window);
    return typed && agree(this.#produced, typed.text) ? typed : undefined;
  }

  /** True when the text of its document, as it is now, leaves its answer useful. Keeps that in mind for what is produced. */
  agreesWith(window: TextWindow): boolean {
    const typed = this.typedUntil(window);
    if (typed) this.#typed = typed.text;
    return typed !== undefined || this.#isAhead(window);
  }

  /** Reaches the engine at once. */
  cancel(): void {
    this.#controller.abort();
  }

  /** A prefetch is ahead of the cursor as long as the suggestion before it is typed. */
  #isAhead(window: TextWindow): boolean {
    const typed = this.shown && typedSince(this.shown.window, window);
    return typed !== undefined && restsOf([this.shown!.text], typed).length > 0;
  }

  #received(text: string): void {
    this.#produced += text;
    if (!agree(this.#produced, this.#typed)) this.cancel();
  }

  async #ask(engine: Pick<EngineClient, 'complete'>): Promise<Answer> {
    this.#attempts++;
    this.#produced = '';
    const { signal } = this.#controller;
    try {
      const result = await engine.complete(this.params, signal, ({ text }) => this.#received(text));
      if (result.stopReason === 'cancelled') return { kind: 'cancelled' };
      return { kind: 'answered', result };
    } catch (error) {
      if (signal.aborted) return { kind: 'cancelled' };
      if (error instanceof EngineGoneError && this.#attempts === 1) return this.#ask(engine);
      return { kind: 'failed', message: error instanceof Error ? error.message : String(error) };
    }
  }
}

function agree(produced: string, typed: string): boolean {
  return produced.startsWith(typed) || typed.startsWith(produced);
}
