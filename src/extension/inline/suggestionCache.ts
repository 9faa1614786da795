import type { TextWindow } from './textWindow.ts';

export interface Suggestion {
  readonly uri: string;
  readonly window: TextWindow;
  readonly text: string;
}

/** The last few suggestions: who types what was suggested gets the rest of it without the engine. */
export class SuggestionCache {
  readonly #capacity: number;
  readonly #items: Suggestion[] = [];

  constructor(capacity = 16) {
    this.#capacity = capacity;
  }

  add(suggestion: Suggestion): void {
    this.#items.unshift(suggestion);
    this.#items.length = Math.min(this.#items.length, this.#capacity);
  }

  /** What is left of the newest suggestion that fits; undefined when none does. */
  find(uri: string, window: TextWindow): string | undefined {
    for (const item of this.#items) {
      const rest = item.uri === uri ? remainder(item, window) : undefined;
      if (rest !== undefined) return rest;
    }
    return undefined;
  }

  forget(uri: string): void {
    const kept = this.#items.filter((item) => item.uri !== uri);
    this.#items.splice(0, this.#items.length, ...kept);
  }
}

function remainder(item: Suggestion, window: TextWindow): string | undefined {
  if (item.window.firstLine !== window.firstLine) return undefined;
  if (item.window.suffix !== window.suffix) return undefined;
  if (!window.prefix.startsWith(item.window.prefix)) return undefined;
  const typed = window.prefix.slice(item.window.prefix.length);
  const fits = typed.length < item.text.length && item.text.startsWith(typed);
  return fits ? item.text.slice(typed.length) : undefined;
}
