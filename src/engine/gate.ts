/**
 * Requests share the base; swapping it needs it alone. Entering waits only while a swap runs; a swap waits until nobody
 * is inside and then begins at once, so that an unbroken row of requests cannot keep it out.
 */
export class Gate {
  #inside = 0;
  #alone: Promise<void> | undefined;
  readonly #swaps: (() => void)[] = [];

  /** Runs `work` among others; the base does not change meanwhile. */
  async shared<T>(work: () => Promise<T>): Promise<T> {
    while (this.#alone !== undefined) await this.#alone;
    this.#inside++;
    try {
      return await work();
    } finally {
      this.#inside--;
      this.#startSwap();
    }
  }

  /** Runs `work` when nobody is inside, and keeps newcomers waiting until it is done. */
  exclusive<T>(work: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#swaps.push(() => {
        const done = work().then(resolve, reject);
        this.#alone = done.finally(() => {
          this.#alone = undefined;
          this.#startSwap();
        });
      });
      this.#startSwap();
    });
  }

  /** Invariant: called whenever the gate may have become empty, before anybody else can enter. */
  #startSwap(): void {
    if (this.#inside === 0 && this.#alone === undefined) this.#swaps.shift()?.();
  }
}
