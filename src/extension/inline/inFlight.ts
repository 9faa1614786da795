import type { Disposable } from '../../base/disposable.ts';
import type { Clock } from '../../client/clock.ts';
import type { EngineClient } from '../../client/engineClient.ts';
import type { CompletionParams } from '../../protocol/requests.ts';
import type { Question } from './question.ts';
import { Run, type Answer, type Shown } from './run.ts';
import type { TextWindow } from './textWindow.ts';

/** The editor gives a question up at a key and asks the next a little later; the key itself is told in between. */
export const lingerMs = { withoutKey: 20, afterKey: 1_000 };

export interface InFlightOptions {
  readonly engine: Pick<EngineClient, 'complete'>;
  readonly clock: Clock;
  /** Told when a request has ended. */
  readonly onEnd: (run: Run, answer: Answer) => void;
}

/**
 * The one request under way. It goes on while what is typed agrees with what it produces, whoever waits for it, and is cancelled
 * as soon as that is no longer so, or nobody wants it. Invariant: at most one.
 */
export class InFlight {
  readonly #options: InFlightOptions;
  #run: Run | undefined;
  #waiters = 0;
  /** A key that agrees was pressed and the editor has not asked since. */
  #keyPressed = false;
  #linger: Disposable | undefined;

  constructor(options: InFlightOptions) {
    this.#options = options;
  }

  get run(): Run | undefined {
    return this.#run;
  }

  /** Sends a request in place of the one that runs. `shown`: it is a prefetch. */
  start(params: CompletionParams, shown?: Shown): Run {
    this.cancel();
    const { engine, clock, onEnd } = this.#options;
    const run = new Run(engine, params, { startMs: clock.now(), shown });
    this.#run = run;
    void run.answer.then((answer) => {
      onEnd(run, answer);
      if (this.#run === run) this.#clear();
    });
    return run;
  }

  /** The request under way, if its answer will serve this question too. */
  join(question: Question): Run | undefined {
    const run = this.#run;
    if (run?.params.uri !== question.uri || wanted(run.params) < wanted(question)) return undefined;
    // Nobody was waiting for a prefetch, so the engine lets others go first: one that has nothing yet is better asked anew.
    if (run.shown && !run.hasText) return undefined;
    if (run.typedUntil(question.window) === undefined) return undefined;
    run.agreesWith(question.window);
    this.#keyPressed = false;
    this.#linger?.dispose();
    return run;
  }

  /** The document asked about has changed: `window` is its text around the place of the change. */
  edited(window: TextWindow): void {
    if (!this.#run) return;
    if (!this.#run.agreesWith(window)) return this.cancel();
    this.#keyPressed = true;
    if (this.#waiters === 0 && !this.#run.shown) this.#cancelLater(lingerMs.afterKey);
  }

  enter(): void {
    this.#waiters++;
  }

  /** Somebody who waited for `run` does so no longer. */
  leave(run: Run): void {
    this.#waiters--;
    if (this.#run !== run || this.#waiters > 0) return;
    this.#cancelLater(this.#keyPressed ? lingerMs.afterKey : lingerMs.withoutKey);
  }

  cancel(): void {
    this.#run?.cancel();
    this.#clear();
  }

  #cancelLater(delayMs: number): void {
    this.#linger?.dispose();
    this.#linger = this.#options.clock.schedule(() => this.cancel(), delayMs);
  }

  #clear(): void {
    this.#run = undefined;
    this.#keyPressed = false;
    this.#linger?.dispose();
  }
}

function wanted({ candidates }: Pick<Question, 'candidates'>): number {
  return candidates ?? 1;
}
