/** Tokens of texts that stay the same from one look at the project to the next: only what has changed is tokenised again. */

export type TokensOfText = (text: string) => readonly number[];

export class TextMemory {
  readonly #tokenize: TokensOfText;
  #present = new Map<string, readonly number[]>();
  #before = new Map<string, readonly number[]>();

  constructor(tokenize: TokensOfText) {
    this.#tokenize = tokenize;
  }

  /** Another look begins: what the last one did not ask for is forgotten. */
  beginLook(): void {
    this.#before = this.#present;
    this.#present = new Map();
  }

  readonly tokens: TokensOfText = (text) => {
    const known = this.#present.get(text) ?? this.#before.get(text);
    const tokens = known ?? this.#tokenize(text);
    this.#present.set(text, tokens);
    return tokens;
  };
}
