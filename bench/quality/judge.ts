/**
 * Asks a model about one case: what it would write, and how likely it holds what really stands there. Runs on the addon
 * alone, with the engine's prompts: sequence 0 holds the base, sequence 1 is a fork of it for the case.
 */
import type { Context, DecodeItem } from '../../native/index.js';
import { Healing } from '../../src/engine/completion/healing.ts';
import type { Tokenizer } from '../../src/engine/inference/tokenizer.ts';
import type { CasePrompt } from './prompt.ts';

export interface Likelihood {
  /** −log probability of the whole text, in nats. */
  readonly nll: number;
  /** Tokens that the tokenizer makes of the text by itself. */
  readonly tokens: number;
  readonly bytes: number;
}

const base = 0;
const fork = 1;
/** Outputs of one decode. */
const maxSamples = 64;

export class Judge {
  readonly #context: Context;
  readonly #tokenizer: Tokenizer;
  #baseTokens = 0;

  constructor(context: Context, tokenizer: Tokenizer) {
    this.#context = context;
    this.#tokenizer = tokenizer;
  }

  /** Puts another base in place of the present one. */
  async setBase(tokens: readonly number[]): Promise<void> {
    await this.#context.clear();
    await this.#evaluate(base, 0, tokens);
    this.#baseTokens = tokens.length;
  }

  /** Greedy text, as far as `stop` says or `maxTokens` tokens. What healing spells again is not part of it. */
  async write(
    prompt: CasePrompt,
    maxTokens: number,
    stop: (text: string) => boolean,
  ): Promise<string> {
    const healing = new Healing(this.#tokenizer, prompt.healing);
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    let position = await this.#begin(prompt);
    let token = prompt.tokens.at(-1) ?? 0;
    let text = '';
    for (let n = 0; n < maxTokens && !stop(text); n++) {
      const sample = healing.restrict({});
      const tokens = Int32Array.of(token);
      const sampled = await this.#decode([{ sequence: fork, position, tokens, sample }]);
      token = sampled.tokens[0] ?? -1;
      if (token < 0 || this.#tokenizer.endsText(token)) break;
      text += decoder.decode(healing.take(this.#tokenizer.bytes(token)), { stream: true });
      position++;
    }
    return text;
  }

  /** How likely the model holds `truth`, given that it begins with what healing took back. */
  async likelihood(prompt: CasePrompt, truth: string): Promise<Likelihood> {
    const wanted = this.#tokenizer.text(spelled(prompt.healing) + truth);
    let position = await this.#begin(prompt);
    let remaining = prompt.healing;
    let last = prompt.tokens.at(-1) ?? 0;
    let nll = 0;
    let at = 0;
    do {
      const tokens = Int32Array.of(last);
      await this.#decode([{ sequence: fork, position, tokens, sample: {} }]);
      last = wanted[at] ?? 0;
      nll -= this.#restrictedLogProbability(await this.#context.lastLogits(), last, remaining);
      remaining = remaining.subarray(this.#tokenizer.bytes(last).length);
      position++;
      at++;
    } while (remaining.length > 0 && at < wanted.length);
    for (; at < wanted.length; at += maxSamples) {
      const rest = wanted.slice(at, at + maxSamples);
      nll -= await this.#forced([last, ...rest], position);
      last = rest.at(-1) ?? last;
      position += rest.length;
    }
    const bytes = Buffer.byteLength(truth);
    return { nll, tokens: this.#tokenizer.text(truth).length, bytes };
  }

  /** Everything of the prompt but its last token; resolves to that one's position. */
  async #begin({ tokens }: CasePrompt): Promise<number> {
    await this.#context.removeSequence(fork, -1, -1);
    await this.#context.copySequence(base, fork, -1, -1);
    await this.#evaluate(fork, this.#baseTokens, tokens.slice(0, -1));
    return this.#baseTokens + tokens.length - 1;
  }

  async #evaluate(sequence: number, start: number, tokens: readonly number[]): Promise<void> {
    const { nBatch } = this.#context;
    for (let at = 0; at < tokens.length; at += nBatch) {
      const chunk = Int32Array.from(tokens.slice(at, at + nBatch));
      await this.#decode([{ sequence, position: start + at, tokens: chunk }]);
    }
  }

  /** Sum of the log probabilities of all but the first of `tokens`, each after those before it. */
  async #forced(tokens: readonly number[], start: number): Promise<number> {
    const items = tokens.slice(0, -1).map((token, at): DecodeItem => ({
      sequence: fork,
      position: start + at,
      tokens: Int32Array.of(token),
      sample: { allowed: Int32Array.of(tokens[at + 1] ?? 0), logProbability: true },
    }));
    const { logProbabilities } = await this.#decode(items);
    return logProbabilities.reduce((sum, value) => sum + value, 0);
  }

  async #decode(
    items: readonly DecodeItem[],
  ): Promise<{ tokens: Int32Array; logProbabilities: Float32Array }> {
    const { status, code, sampled, logProbabilities } = await this.#context.decode(items);
    if (status === 'done') return { tokens: sampled, logProbabilities };
    throw new Error(`decoding ended with "${status}" (${code}); the context may be too small`);
  }

  /** Among the tokens that spell `remaining`, or among all of them when nothing is to be spelled. */
  #restrictedLogProbability(logits: Float32Array, token: number, remaining: Uint8Array): number {
    const allowed = remaining.length > 0 ? this.#tokenizer.startingWith(remaining) : undefined;
    const values = allowed ? Float32Array.from(allowed, (id) => logits[id] ?? -Infinity) : logits;
    const highest = values.reduce((most, value) => Math.max(most, value), -Infinity);
    const total = values.reduce((sum, value) => sum + Math.exp(value - highest), 0);
    return (logits[token] ?? -Infinity) - highest - Math.log(total);
  }
}

function spelled(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
