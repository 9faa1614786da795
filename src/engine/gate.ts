/**
 * Requests share the base; swapping it needs it alone. Entering waits only while a swap runs, a swap waits until nobody
 * is inside.
 */
export class Gate {
  #inside = 0;
  #alone: Promise<void> | undefined;
  #onEmpty: (() => void) | undefined;

  /** Runs `work` among others; the base does not change meanwhile. */
  async shared<T>(work: () => Promise<T>): Promise<T> {
    while (this.#alone !== undefined) await this.#alone;
    this.#inside++;
    try {
      return await work();
    } finally {
      if (--this.#inside === 0) this.#onEmpty?.();
    }
  }

  /** Runs `work` when nobody is inside, and keeps newcomers waiting until it is done. */
  async exclusive<T>(work: () => Promise<T>): Promise<T> {
    while (this.#inside > 0 || this.#alone !== undefined) {
      if (this.#alone !== undefined) await this.#alone;
      else
        await new Promise<void>((resolve) => {
          const earlier = this.#onEmpty;
          this.#onEmpty = () => {
            this.#onEmpty = undefined;
            earlier?.();
            resolve();
          };
        });
    }
    let release = (): void => undefined;
    this.#alone = new Promise<void>((resolve) => (release = resolve));
    try {
      return await work();
    } finally {
      this.#alone = undefined;
      release();
    }
  }
}
