import { setTimeout as delay } from 'node:timers/promises';

/** Whether somebody waits for the engine, and when somebody did last. */
export class Activity {
  #running = 0;
  #endedAt: number;
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#endedAt = -Infinity;
  }

  /** Runs what somebody waits for. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#running++;
    try {
      return await work();
    } finally {
      this.#running--;
      this.touch();
    }
  }

  /** Somebody did something just now. */
  touch(): void {
    this.#endedAt = this.#now();
  }

  /** Resolves when nobody has waited or done anything for `restMs` from now on, after `atMostMs` in any case. */
  async rest(restMs: number, atMostMs: number, signal: AbortSignal): Promise<void> {
    const begin = this.#now();
    for (;;) {
      const now = this.#now();
      const restsIn = restMs - Math.min(this.idleMs, now - begin);
      const waitMs = Math.min(restsIn, begin + atMostMs - now);
      if (waitMs <= 0 || signal.aborted) return;
      await delay(waitMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** For how long nobody has waited or done anything, in ms; 0 while somebody waits. */
  get idleMs(): number {
    return this.#running > 0 ? 0 : this.#now() - this.#endedAt;
  }
}
