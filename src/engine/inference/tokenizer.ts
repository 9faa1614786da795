/** The model's own tokenizer. Text never becomes a special token; special tokens come from the vocabulary by id. */
import type { Model } from '../../../native/index.js';
import { findFimFormat, findRepositoryTokens, type FimFormat } from '../prompt/fimFormat.ts';

export class Tokenizer {
  readonly #model: Model;
  readonly #bytes = new Map<number, Uint8Array>();
  readonly #ends = new Map<number, boolean>();
  readonly #addsSpace: boolean;
  /** Undefined when the model cannot fill in the middle. */
  readonly fim: FimFormat | undefined;
  readonly repository: number | undefined;
  readonly fileSeparator: number | undefined;
  /** Characters of plain text that were tokenised so far. */
  charsTokenized = 0;

  constructor(model: Model) {
    this.#model = model;
    this.#addsSpace = this.#spell(model.tokenize('x', { parseSpecial: false })) === ' x';
    const find = (name: string): number | undefined => this.#special(name);
    this.fim = findFimFormat(model.info, find);
    const { repository, fileSeparator } = findRepositoryTokens(model.info, find);
    this.repository = repository;
    this.fileSeparator = fileSeparator;
  }

  /** Tokens the model expects at the very start of every sequence. */
  get start(): readonly number[] {
    const { addBos, tokens } = this.#model.info;
    return addBos && tokens.bos >= 0 ? [tokens.bos] : [];
  }

  /** Plain text: `<|im_start|>` in it stays eleven characters. */
  text(text: string): number[] {
    if (text === '') return [];
    this.charsTokenized += text.length;
    return this.#addsSpace
      ? this.#withoutSpace(text)
      : Array.from(this.#model.tokenize(text, { parseSpecial: false }));
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
    let ends = this.#ends.get(token);
    if (ends === undefined) {
      ends = this.#model.isEndOfGeneration(token) || this.#model.isControl(token);
      this.#ends.set(token, ends);
    }
    return ends;
  }

  /** Text tokens that begin with `bytes`, or are a non-empty beginning of it. */
  startingWith(bytes: Uint8Array): Int32Array {
    return this.#model.tokensStartingWith(bytes);
  }

  /**
   * Some vocabularies put a space before every text, which would be one too many inside of a document. Text behind a line
   * end is spelled as it is; the line end itself is always a token of its own there.
   */
  #withoutSpace(text: string): number[] {
    const tokens = Array.from(this.#model.tokenize(`\n${text}`, { parseSpecial: false }));
    const start = tokens.findIndex((token) => this.bytes(token)[0] === lineEnd) + 1;
    const isOwn = start > 0 && this.#spell(tokens.slice(0, start)) === ' \n';
    return isOwn
      ? tokens.slice(start)
      : Array.from(this.#model.tokenize(text, { parseSpecial: false }));
  }

  /** Only to look up an id: the name must be one token, and that token's own name. */
  #special(name: string): number | undefined {
    const [id, ...more] = this.#model.tokenize(name, { parseSpecial: true });
    if (id === undefined || more.length > 0) return undefined;
    const spelled = new TextDecoder().decode(this.#model.tokenBytes(id, { special: true }));
    return spelled === name || spelled === name.replaceAll('▁', ' ') ? id : undefined;
  }

  #spell(tokens: Iterable<number>): string {
    const bytes = Array.from(tokens, (token) => this.bytes(token));
    return Buffer.concat(bytes).toString('utf8');
  }
}

const lineEnd = 10;
