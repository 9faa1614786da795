/** How fast this machine evaluates prompts, as measured while it works. */

/** Shorter batches say more about the overhead of a decode than about its tokens. */
const tellingTokens = 16;
const weight = 0.2;

/** Milliseconds per prompt token: an exponentially weighted moving average. */
export class PrefillSpeed {
  #msPerToken: number | undefined;

  /** Undefined until a batch was long enough to tell. */
  get msPerToken(): number | undefined {
    return this.#msPerToken;
  }

  record(tokens: number, ms: number): void {
    if (tokens < tellingTokens || !(ms > 0)) return;
    const now = ms / tokens;
    this.#msPerToken =
      this.#msPerToken === undefined ? now : this.#msPerToken + weight * (now - this.#msPerToken);
  }
}
