/**
 * Finds where the text that is generated has stood before, in the prompt or in itself, and follows it there: what came
 * next then may come next now. It looks even while nothing is drafted, and so learns for nothing how far it would go.
 */
import { DraftAccount } from './draftAccount.ts';
import { window, type FollowedLengths } from './followedLengths.ts';

/** So many tokens in a row must have stood somewhere already. */
const shortest = 3;
/** Longer matches say no more. */
const longest = 64;

interface Source {
  /** Index of the token that comes next, if it goes on as it did there. */
  at: number;
  /** Tokens in a row that stood there. */
  matched: number;
  /** `matched` when this window began, and tokens foretold rightly since. */
  since: number;
  hits: number;
}

export class Follower {
  readonly #lengths: FollowedLengths;
  readonly #tokens: number[];
  #source: Source | undefined;
  /** Of drafts in this text. */
  readonly account = new DraftAccount();

  /** @param prompt what the text stands behind, position 0 first. */
  constructor(lengths: FollowedLengths, prompt: readonly number[]) {
    this.#lengths = lengths;
    this.#tokens = [...prompt];
  }

  /** Tokens in a row that stood there before; 0 where none did. */
  get matched(): number {
    return this.#source?.matched ?? 0;
  }

  /** Takes the next token of the text. */
  take(token: number): void {
    const source = this.#source;
    this.account.token();
    if (source !== undefined) this.#compare(source, token);
    this.#tokens.push(token);
    this.#source ??= this.#find();
  }

  /** The next `count` tokens, if it goes on as it did there. A text that repeats itself is repeated. */
  foretell(count: number): readonly number[] {
    if (this.#source === undefined) return [];
    const { at } = this.#source;
    const known = this.#tokens.slice(at, at + count);
    const period = known.length;
    return Array.from({ length: count }, (_, index) => known[index % period] ?? 0);
  }

  #compare(source: Source, token: number): void {
    const isRight = this.#tokens[source.at] === token;
    if (isRight) {
      source.at++;
      source.matched++;
      source.hits++;
    }
    if (isRight && source.hits < window) return;
    this.#lengths.record(source.since, source.hits);
    if (isRight) this.account.forgive();
    source.since = source.matched;
    source.hits = 0;
    if (!isRight) this.#source = undefined;
  }

  /** Where the longest end of the text stands again, the latest of several. */
  #find(): Source | undefined {
    const tokens = this.#tokens;
    const last = tokens.length - 1;
    let best = { at: 0, matched: shortest - 1 };
    for (let end = last - 1; end >= shortest - 1; end--) {
      if (tokens[end] !== tokens[last] || tokens[end - 1] !== tokens[last - 1]) continue;
      const matched = this.#commonEnd(end, last);
      if (matched > best.matched) best = { at: end + 1, matched };
      if (matched >= longest) break;
    }
    if (best.matched < shortest) return undefined;
    return { ...best, since: best.matched, hits: 0 };
  }

  #commonEnd(one: number, other: number): number {
    const tokens = this.#tokens;
    let length = 0;
    while (length < longest && length <= one && tokens[one - length] === tokens[other - length])
      length++;
    return length;
  }
}
