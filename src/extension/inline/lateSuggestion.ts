/** Where the cursor is, in which text. */
export interface Place {
  readonly uri: string;
  readonly version: number;
  /** Offset of the cursor; undefined while something is selected. */
  readonly offset: number | undefined;
}

export interface LateSuggestionOptions {
  /** Of the active editor. */
  readonly place: () => Place | undefined;
  /** Asks the editor to ask again. */
  readonly ask: () => void;
}

/** For who typed before there was an engine: asks once it is there, if the cursor is still where nothing could be said. */
export class LateSuggestion {
  readonly #options: LateSuggestionOptions;
  #missed: Place | undefined;
  #isAsking = false;

  constructor(options: LateSuggestionOptions) {
    this.#options = options;
  }

  /** The question of this moment has no answer because there is no engine. */
  missed(): void {
    this.#missed = this.#options.place();
  }

  /** The engine can answer. */
  served(): void {
    const missed = this.#missed;
    this.#missed = undefined;
    const place = this.#options.place();
    if (missed?.offset === undefined || place === undefined) return;
    const { uri, version, offset } = place;
    if (uri !== missed.uri || version !== missed.version || offset !== missed.offset) return;
    this.#isAsking = true;
    this.#options.ask();
  }

  /** True once after the editor was made to ask. */
  takeQuestion(): boolean {
    const isAsking = this.#isAsking;
    this.#isAsking = false;
    return isAsking;
  }
}
