/**
 * Token healing: the last typed token is taken back, and what is generated first must spell its bytes again, so that a
 * cursor in mid-word completes the word instead of starting a new one.
 */
import type { SampleOptions } from '../../../native/index.js';
import type { Tokenizer } from '../inference/tokenizer.ts';

export class Healing {
  readonly #tokenizer: Tokenizer;
  #remaining: Uint8Array;

  /** @param bytes what generation must begin with; empty for no healing. */
  constructor(tokenizer: Tokenizer, bytes: Uint8Array) {
    this.#tokenizer = tokenizer;
    this.#remaining = bytes;
  }

  get pending(): boolean {
    return this.#remaining.length > 0;
  }

  /** Restricts the next sampled token while typed bytes are still to be spelled. */
  restrict(options: SampleOptions): SampleOptions {
    if (!this.pending) return options;
    return { ...options, allowed: this.#tokenizer.startingWith(this.#remaining) };
  }

  /** Takes a sampled token's bytes; returns those that go beyond what was typed. */
  take(bytes: Uint8Array): Uint8Array {
    const spelled = Math.min(this.#remaining.length, bytes.length);
    this.#remaining = this.#remaining.subarray(spelled);
    return bytes.subarray(spelled);
  }
}

/** Splits the tokens of the typed text into those that stay and the bytes to be spelled again. */
export function takeBackLast(
  tokenizer: Tokenizer,
  typed: readonly number[],
): { readonly kept: readonly number[]; readonly bytes: Uint8Array } {
  const last = typed[typed.length - 1];
  if (last === undefined) return { kept: typed, bytes: new Uint8Array() };
  return { kept: typed.slice(0, -1), bytes: tokenizer.bytes(last) };
}
