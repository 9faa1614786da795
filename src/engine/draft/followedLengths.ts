/** How many tokens come as they came before, by how many have already: an average that forgets. */

/** After so many tokens that came as foretold they are counted, and the next are foretold. */
export const window = 15;

/** Bounds of the classes of matches, in tokens. */
const bounds = [5, 9, 17, 33];
/** Of a new observation: a draft that fails costs more than one that is not made. Two in a row decide. */
const weights = { came: 0.3, failed: 0.5 };

export class FollowedLengths {
  /** For each class the share of times that at least 1, 2, … tokens came as foretold. Nothing is believed at first. */
  readonly #shares = Array.from({ length: bounds.length + 1 }, () =>
    new Array<number>(window).fill(0),
  );

  /** After `matched` tokens in a row `hits` more came, of at most {@link window} that were watched. */
  record(matched: number, hits: number): void {
    const shares = this.#sharesOf(matched);
    for (const [index, share] of shares.entries())
      shares[index] =
        hits > index ? share + weights.came * (1 - share) : share * (1 - weights.failed);
  }

  /** Mean of the tokens that come as foretold, of the next `count`. */
  expected(matched: number, count: number): number {
    return this.#sharesOf(matched)
      .slice(0, count)
      .reduce((sum, share) => sum + share, 0);
  }

  #sharesOf(matched: number): number[] {
    const found = bounds.findIndex((bound) => matched < bound);
    return this.#shares[found < 0 ? bounds.length : found]!;
  }
}
