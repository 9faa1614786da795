/** Longer than this between two keys is a rest, not the rhythm, in ms. */
const longestInterval = 1_500;
const longestDelay = 400;
/** Their median counts: one slow answer, at a new place in a file, must not slow the keys after it down. */
const keptLatencies = 5;
/** How much one more observation counts. */
const weight = 0.25;
/** After these a word or expression begins: likely the place to suggest. */
const opensSomething = /[.([{=,:\s]$/;

/**
 * How long typing has to rest before the engine is asked, in ms. An answer that comes before the next key needs no wait; where
 * answers take longer than that, waiting for the rhythm to break spares requests that the next key would cancel.
 */
export class Rhythm {
  #intervalMs = 200;
  readonly #latenciesMs = [150];
  #lastKeyMs = Number.NEGATIVE_INFINITY;

  /** A key was pressed. */
  key(nowMs: number): void {
    const interval = nowMs - this.#lastKeyMs;
    this.#lastKeyMs = nowMs;
    if (interval <= longestInterval) this.#intervalMs = average(this.#intervalMs, interval);
  }

  /** A request took so long until its answer. */
  answered(ms: number): void {
    this.#latenciesMs.push(ms);
    if (this.#latenciesMs.length > keptLatencies) this.#latenciesMs.shift();
  }

  /** A request was cancelled after so long: it would have taken longer. */
  cancelled(ms: number): void {
    if (ms > this.#latencyMs) this.answered(ms);
  }

  get #latencyMs(): number {
    const sorted = [...this.#latenciesMs].sort((left, right) => left - right);
    return sorted[sorted.length >> 1] ?? 0;
  }

  delayMs(prefix: string): number {
    const late = (this.#latencyMs - this.#intervalMs) / Math.max(this.#intervalMs, 1);
    const full = Math.min(1.2 * this.#intervalMs, longestDelay) * Math.min(Math.max(late, 0), 1);
    return Math.round(opensSomething.test(prefix) ? full / 2 : full);
  }
}

function average(before: number, now: number): number {
  return before + weight * (now - before);
}
