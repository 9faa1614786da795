/** A clock whose pauses take no time: what is scheduled runs at once, and the time it was to wait is added. */
import { toDisposable, type Disposable } from '../../src/base/disposable.ts';
import type { Clock } from '../../src/client/clock.ts';

export class VirtualClock implements Clock {
  #skippedMs = 0;

  now(): number {
    return performance.now() + this.#skippedMs;
  }

  /** Time goes by outside. */
  skip(ms: number): void {
    this.#skippedMs += ms;
  }

  schedule(action: () => void, delayMs: number): Disposable {
    const immediate = setImmediate(() => {
      this.skip(delayMs);
      action();
    });
    return toDisposable(() => clearImmediate(immediate));
  }
}
