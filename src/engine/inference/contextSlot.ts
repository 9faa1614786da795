import type { Context } from '../../../native/index.js';

/**
 * The context that serves. A base mapped in place comes with a context of its own, so that a swap of the base may be a
 * swap of the context: with the gate to itself and inside a turn, when no sequence but that of the base is in use.
 */
export class ContextSlot {
  #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  get current(): Context {
    return this.#context;
  }

  /** Returns the context that served until now; the caller closes it. */
  exchange(next: Context): Context {
    const before = this.#context;
    this.#context = next;
    return before;
  }
}
