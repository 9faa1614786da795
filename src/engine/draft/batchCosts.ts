/** What a decode of a few tokens takes on this machine beside one of a single token, measured while it works. */
import { median } from './median.ts';

/** Of the last so many of one size: what something else on the machine delayed does not count. */
const remembered = 9;
/** After so many single tokens a measurement is old: something else may have been going on then. */
const oldAfter = 1000;
/** Where it has not been measured: processors take as long for fewer tokens as for this many. */
const evenSize = 16;

interface Measured {
  readonly ratios: number[];
  at: number;
}

export class BatchCosts {
  readonly #single: number[] = [];
  readonly #together = new Map<number, Measured>();
  #singles = 0;

  /** A decode of one token took `ms`. */
  recordSingle(ms: number): void {
    if (!(ms > 0)) return;
    this.#singles++;
    remember(this.#single, ms);
  }

  /**
   * A decode of several took `ms`; compared with the fastest single one of the same time: where others delay them, drafts
   * look dearer than they are, never cheaper.
   * @returns as how many single tokens it took; not a number while none is known
   */
  recordTogether(tokens: number, ms: number): number {
    const ratio = ms / this.#alone;
    if (!(ratio > 0)) return Number.NaN;
    const measured = this.#fresh(tokens) ?? { ratios: [], at: 0 };
    remember(measured.ratios, ratio);
    measured.at = this.#singles;
    this.#together.set(tokens, measured);
    return ratio;
  }

  /**
   * As how many single tokens `tokens` in one decode take; undefined while nothing is known.
   * @param msPerToken of long batches
   */
  ratio(tokens: number, msPerToken: number | undefined): number | undefined {
    const measured = this.#fresh(tokens);
    if (measured !== undefined) return median(measured.ratios);
    if (this.#single.length === 0 || msPerToken === undefined) return undefined;
    return Math.max(1, (msPerToken * Math.max(tokens, evenSize)) / this.#alone);
  }

  /** Milliseconds of a single token; infinite while none is known. */
  get #alone(): number {
    return Math.min(...this.#single);
  }

  #fresh(tokens: number): Measured | undefined {
    const measured = this.#together.get(tokens);
    return measured && this.#singles - measured.at <= oldAfter ? measured : undefined;
  }
}

function remember(values: number[], value: number): void {
  values.push(value);
  if (values.length > remembered) values.shift();
}
