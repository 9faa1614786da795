/** Text that streams, up to where a stop text begins. What may be the beginning of one is held back. */
export class StopText {
  readonly #stops: readonly string[];
  readonly #onText: (text: string) => void;
  #text = '';
  #passedOn = 0;
  #end: number | undefined;

  constructor(stops: readonly string[], onText: (text: string) => void) {
    this.#stops = stops;
    this.#onText = onText;
  }

  get isOver(): boolean {
    return this.#end !== undefined;
  }

  add(added: string): void {
    if (this.isOver) return;
    const from = this.#passedOn;
    this.#text += added;
    const found = this.#stops.map((stop) => this.#text.indexOf(stop, from)).filter((at) => at >= 0);
    if (found.length > 0) this.#end = Math.min(...found);
    this.#passOn(this.#end ?? this.#text.length - this.#heldBack());
  }

  /** The whole text, the rest of which is passed on: nothing more comes. */
  finish(): string {
    this.#passOn(this.#end ?? this.#text.length);
    return this.#text.slice(0, this.#passedOn);
  }

  #passOn(end: number): void {
    if (end <= this.#passedOn) return;
    this.#onText(this.#text.slice(this.#passedOn, end));
    this.#passedOn = end;
  }

  /** Length of the longest end of the text that a stop text begins with. */
  #heldBack(): number {
    const longest = Math.max(0, ...this.#stops.map((stop) => stop.length - 1));
    const most = Math.min(longest, this.#text.length - this.#passedOn);
    for (let length = most; length > 0; length--) {
      const tail = this.#text.slice(-length);
      if (this.#stops.some((stop) => stop.startsWith(tail))) return length;
    }
    return 0;
  }
}
