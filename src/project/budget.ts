/**
 * Tokens still to be given to items. Each item is charged a whole number of quanta, so that an edit
 * that makes a file a little longer or shorter seldom decides whether another one is still in.
 */
export class Budget {
  readonly totalTokens: number;
  #leftTokens: number;

  constructor(totalTokens: number) {
    this.totalTokens = Math.max(0, Math.floor(totalTokens));
    this.#leftTokens = this.totalTokens;
  }

  get leftTokens(): number {
    return this.#leftTokens;
  }

  /** Takes an item's tokens; false, and nothing taken, when they do not fit. */
  take(nTokens: number): boolean {
    const charge = Math.ceil(nTokens / QUANTUM_TOKENS) * QUANTUM_TOKENS;
    if (charge > this.#leftTokens) return false;
    this.#leftTokens -= charge;
    return true;
  }
}

const QUANTUM_TOKENS = 32;
