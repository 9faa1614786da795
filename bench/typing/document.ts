/** The document and cursor of a replay: events go in, what the provider sees comes out. */
import type { TextPosition, TextSource } from '../../src/extension/inline/textWindow.ts';
import type { TypingEvent } from './trace.ts';

export class ReplayDocument implements TextSource {
  #text: string;
  #cursor: number;

  constructor(text: string, cursor: number) {
    this.#text = text;
    this.#cursor = cursor;
  }

  get text(): string {
    return this.#text;
  }

  get cursor(): number {
    return this.#cursor;
  }

  get lineCount(): number {
    return this.#text.split('\n').length;
  }

  get position(): TextPosition {
    const before = this.#text.slice(0, this.#cursor);
    const line = before.split('\n').length - 1;
    return { line, character: before.length - (before.lastIndexOf('\n') + 1) };
  }

  get before(): string {
    return this.#text.slice(0, this.#cursor);
  }

  get after(): string {
    return this.#text.slice(this.#cursor);
  }

  textBetween(start: TextPosition, end: TextPosition): string {
    return this.#text.slice(this.#offset(start), this.#offset(end));
  }

  /** `follow` is the replay's business: it becomes `type` events. */
  apply(event: Exclude<TypingEvent, { readonly kind: 'follow' }>): void {
    switch (event.kind) {
      case 'type':
        this.#replace(0, event.text, event.closer);
        break;
      case 'typeOver':
        this.#cursor += event.text.length;
        break;
      case 'backspace':
        this.#replace(1, '', '');
        break;
      case 'jump':
        this.#cursor = event.offset;
        break;
    }
  }

  #replace(charsBefore: number, text: string, closer: string): void {
    const start = this.#cursor - charsBefore;
    this.#text = this.#text.slice(0, start) + text + closer + this.#text.slice(this.#cursor);
    this.#cursor = start + text.length;
  }

  #offset({ line, character }: TextPosition): number {
    let offset = 0;
    for (let at = 0; at < line; at++) {
      const next = this.#text.indexOf('\n', offset);
      if (next < 0) return this.#text.length;
      offset = next + 1;
    }
    return Math.min(this.#text.length, offset + character);
  }
}
