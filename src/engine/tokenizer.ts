/** The model's own tokenizer. Text never becomes a special token; special tokens come from the vocabulary by id. */
import type { Model } from '../../native/index.js';

export interface FimTokens {
  readonly prefix: number;
  readonly suffix: number;
  readonly middle: number;
}

export class Tokenizer {
  readonly #model: Model;
  readonly #bytes = new Map<number, Uint8Array>();
  /** Undefined when the model has no fill-in-the-middle tokens. */
  readonly fim: FimTokens | undefined;
  readonly repository: number | undefined;
  readonly fileSeparator: number | undefined;

  constructor(model: Model) {
    this.#model = model;
    const { tokens } = model.info;
    const { fimPrefix: prefix, fimSuffix: suffix, fimMiddle: middle } = tokens;
    this.fim = prefix >= 0 && suffix >= 0 && middle >= 0 ? { prefix, suffix, middle } : undefined;
    this.repository = tokens.fimRepository >= 0 ? tokens.fimRepository : undefined;
    this.fileSeparator = tokens.fimSeparator >= 0 ? tokens.fimSeparator : undefined;
  }

  /** Tokens the model expects at the very start of every sequence. */
  get start(): readonly number[] {
    const { addBos, tokens } = this.#model.info;
    return addBos && tokens.bos >= 0 ? [tokens.bos] : [];
  }

  /** Plain text: `<|im_start|>` in it stays eleven characters. */
  text(text: string): number[] {
    return text === '' ? [] : Array.from(this.#model.tokenize(text, { parseSpecial: false }));
  }

  /** Text of a template that we or the model's author wrote; never text of a file or a person. */
  template(text: string): number[] {
    return text === '' ? [] : Array.from(this.#model.tokenize(text, { parseSpecial: true }));
  }

  /** A token that templates name by its role; none where the vocabulary has none, or where the base has it already. */
  builtin(name: 'BOS' | 'EOS' | 'NL' | 'EOT' | 'SEP'): number[] {
    const { eos, eot, newline } = this.#model.info.tokens;
    const id = { BOS: -1, SEP: -1, EOS: eos, EOT: eot, NL: newline }[name];
    return id >= 0 ? [id] : [];
  }

  bytes(token: number): Uint8Array {
    let bytes = this.#bytes.get(token);
    if (bytes === undefined) {
      bytes = this.#model.tokenBytes(token, { special: false });
      this.#bytes.set(token, bytes);
    }
    return bytes;
  }

  /** End of generation and every other control token: nothing a person should see. */
  endsText(token: number): boolean {
    return this.#model.isEndOfGeneration(token) || this.#model.isControl(token);
  }

  /** Text tokens that begin with `bytes`, or are a non-empty beginning of it. */
  startingWith(bytes: Uint8Array): Int32Array {
    return this.#model.tokensStartingWith(bytes);
  }
}
