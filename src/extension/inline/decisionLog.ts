import type { Decision } from './decision.ts';

/** What becomes of one question. */
export interface DecisionEntry {
  readonly decide: (decision: Decision) => void;
}

/** Remembers the decision about the last question; an older question that ends later changes nothing. */
export class DecisionLog {
  #newest = 0;
  #last: Decision | undefined;

  /** Undefined: the editor has not asked yet. */
  get last(): Decision | undefined {
    return this.#last;
  }

  begin(): DecisionEntry {
    const number = ++this.#newest;
    return {
      decide: (decision) => {
        if (number === this.#newest) this.#last = decision;
      },
    };
  }
}
