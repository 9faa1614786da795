import { toDisposable, type Disposable } from '../../src/base/disposable.ts';
import type { ServerClock } from '../../src/engine/servers/clock.ts';

/** Pauses are noted. They take no time, or wait until they are let go. */
export class ManualClock implements ServerClock {
  readonly pauses: number[] = [];
  readonly #holdsFrom: number;
  readonly #waiting = new Set<() => void>();
  #now = 0;

  /** @param holdsFrom pauses of so many ms or more wait */
  constructor(holdsFrom = Infinity) {
    this.#holdsFrom = holdsFrom;
  }

  now(): number {
    return this.#now;
  }

  schedule(action: () => void, delayMs: number): Disposable {
    this.pauses.push(delayMs);
    const run = (): void => {
      if (!this.#waiting.delete(run)) return;
      this.#now += delayMs;
      action();
    };
    this.#waiting.add(run);
    if (delayMs < this.#holdsFrom) setImmediate(run);
    return toDisposable(() => this.#waiting.delete(run));
  }

  /** Ends every pause that is waited for now. */
  letGo(): void {
    for (const run of [...this.#waiting]) run();
  }
}
