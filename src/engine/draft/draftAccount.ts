/**
 * What drafts have won and lost in one text, in the time of single tokens. Where they only lose they stop: a text takes
 * little longer than without, whatever was expected of it.
 */

/** Lost for each token of the text, at most. */
const allowance = 0.02;
/** What was won does not pay for more than that later: by then the text may go on otherwise. */
const mostSaved = 4;

export class DraftAccount {
  #balance = 0;

  /** Whether the next draft may lose something. */
  get isOpen(): boolean {
    return this.#balance >= 0;
  }

  /** The text has a token more. */
  token(): void {
    this.settle(allowance);
  }

  /** A draft has won `tokens`; it has lost if they are less than 0. */
  settle(tokens: number): void {
    this.#balance = Math.min(mostSaved, this.#balance + tokens);
  }

  /** As many tokens came as foretold as are ever drafted: what was lost before says nothing now. */
  forgive(): void {
    this.#balance = Math.max(0, this.#balance);
  }
}
