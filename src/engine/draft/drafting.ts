/**
 * Prompt-lookup drafting: where a text goes on as it went on before, several tokens are evaluated in one decode, and
 * those that are sampled just so are kept. Only where that is faster on this machine, for texts like the last ones.
 */
import { BatchCosts } from './batchCosts.ts';
import { FollowedLengths, window } from './followedLengths.ts';
import { Follower } from './follower.ts';

/** `always`: wherever there is something to draft, for tests and measurements. */
export type DraftingMode = 'auto' | 'off' | 'always';

/** Drafts of these lengths: with the token before them, sizes of batches that kernels are made for. */
const sizes = [3, 7, window];
/** What is won must be more than what measuring errs by. */
const leastGain = 1.15;

/** What an engine has learned about its machine and its texts. */
export class Drafting {
  /** Set when the engine starts. */
  mode: DraftingMode = 'off';
  readonly costs = new BatchCosts();
  readonly #lengths = new FollowedLengths();

  /** Follows a text that is generated behind `prompt`; undefined where nothing is ever drafted. */
  follow(prompt: readonly number[]): Follower | undefined {
    return this.mode === 'off' ? undefined : new Follower(this.#lengths, prompt);
  }

  /** Of `tokens` in one decode, the last ones drafted, `sampled` gave the next token. `ms`: with what the draft alone took. */
  record({ account }: Follower, tokens: number, sampled: number, ms: number): void {
    const cost = this.costs.recordTogether(tokens, ms);
    if (cost > 0) account.settle(sampled - cost);
  }

  /**
   * How many tokens to draft now, `most` at most; 0 for none.
   * @param msPerToken of long batches, as far as that is known
   */
  choose({ matched, account }: Follower, most: number, msPerToken: number | undefined): number {
    if (matched === 0 || most <= 0) return 0;
    if (this.mode === 'always') return Math.min(window, most);
    if (!account.isOpen) return 0;
    let best = { size: 0, gain: leastGain };
    for (const size of sizes.filter((one) => one <= most)) {
      const cost = this.costs.ratio(size + 1, msPerToken) ?? Number.POSITIVE_INFINITY;
      const gain = (1 + this.#lengths.expected(matched, size)) / cost;
      if (gain > best.gain) best = { size, gain };
    }
    return best.size;
  }
}
