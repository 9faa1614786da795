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

  /** For how long nobody has waited or done anything, in ms; 0 while somebody waits. */
  get idleMs(): number {
    return this.#running > 0 ? 0 : this.#now() - this.#endedAt;
  }
}
