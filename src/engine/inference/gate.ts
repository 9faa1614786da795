export interface EntryOptions {
  /** True for work that may take long, such as a chat: while some is inside, others go on entering before a swap. */
  readonly lasting?: boolean;
}

/**
 * Requests share the base; swapping it needs it alone. A swap waits until nobody is inside and then begins at once. Short
 * requests that come meanwhile wait for the swap, so that no unbroken or overlapping row of them can keep it out; the
 * inference thread serves one after the other anyway. Behind lasting work nobody waits but the swap itself.
 */
export class Gate {
  #inside = 0;
  #lasting = 0;
  #isAlone = false;
  readonly #swaps: (() => void)[] = [];
  readonly #outside: (() => void)[] = [];

  /**
   * Runs `work` among others; the base does not change meanwhile. `work` must not enter again: it might wait for a swap
   * that waits for it.
   */
  async shared<T>(work: () => Promise<T>, { lasting = false }: EntryOptions = {}): Promise<T> {
    while (this.#isClosed()) await new Promise<void>((resolve) => this.#outside.push(resolve));
    this.#inside++;
    if (lasting) this.#lasting++;
    try {
      return await work();
    } finally {
      this.#inside--;
      if (lasting) this.#lasting--;
      this.#startSwap();
    }
  }

  /** Runs `work` when nobody is inside, and keeps newcomers waiting until it is done. */
  exclusive<T>(work: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#swaps.push(() => {
        this.#isAlone = true;
        void work()
          .then(resolve, reject)
          .finally(() => {
            this.#isAlone = false;
            this.#startSwap();
            this.#reopen();
          });
      });
      this.#startSwap();
    });
  }

  #isClosed(): boolean {
    return this.#isAlone || (this.#swaps.length > 0 && this.#lasting === 0);
  }

  /** Invariant: called whenever the gate may have become empty, before anybody else can enter. */
  #startSwap(): void {
    if (this.#inside === 0 && !this.#isAlone) this.#swaps.shift()?.();
  }

  #reopen(): void {
    if (this.#isClosed()) return;
    for (const enter of this.#outside.splice(0)) enter();
  }
}
