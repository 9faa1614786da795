/** Tokens as they are generated, and the text they spell: healed, decoded, and stopped. */
import type { SampleOptions } from '../../../native/index.js';
import type { StopReason } from '../../protocol/requests.ts';
import type { Sampled } from './decoder.ts';
import { Healing } from '../completion/healing.ts';
import type { Tokenizer } from './tokenizer.ts';

export interface TextStreamOptions {
  /** Bytes that the tokens have to begin with. */
  readonly healing?: Uint8Array | undefined;
  /** Called with the whole text after each token; true ends generation. */
  readonly stop?: ((text: string) => boolean) | undefined;
  readonly onText?: ((added: string) => void) | undefined;
}

export class TextStream {
  readonly #tokenizer: Tokenizer;
  readonly #options: TextStreamOptions;
  readonly #healing: Healing;
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  readonly #tokens: number[] = [];
  #text = '';
  #ended: StopReason | undefined;
  #logProbability = 0;

  constructor(tokenizer: Tokenizer, options: TextStreamOptions) {
    this.#tokenizer = tokenizer;
    this.#options = options;
    this.#healing = new Healing(tokenizer, options.healing ?? new Uint8Array());
  }

  get text(): string {
    return this.#text;
  }

  get tokens(): readonly number[] {
    return this.#tokens;
  }

  /** Why it ended; undefined while it goes on. */
  get ended(): StopReason | undefined {
    return this.#ended;
  }

  /** Of the tokens so far; 0 at best. Not a number unless each was sampled with it. */
  get meanLogProbability(): number {
    return this.#logProbability / Math.max(1, this.#tokens.length);
  }

  /** Restricts the next token to those that spell what is still to be spelled. */
  restrict(options: SampleOptions): SampleOptions {
    return this.#healing.restrict(options);
  }

  /** Takes one sampled token; false when generation is over. */
  take({ token, logProbability }: Sampled): boolean {
    if (token < 0 || this.#tokenizer.endsText(token)) {
      this.#ended = 'endOfText';
      return false;
    }
    this.#tokens.push(token);
    this.#logProbability += logProbability;
    const bytes = this.#healing.take(this.#tokenizer.bytes(token));
    const added = this.#decoder.decode(bytes, { stream: true });
    this.#text += added;
    if (added !== '') this.#options.onText?.(added);
    if (this.#options.stop?.(this.#text) === true) this.#ended = 'stop';
    return this.#ended === undefined;
  }
}
