import type { DropReason } from '../../protocol/requests.ts';
import type { TextWindow } from './textWindow.ts';
import { restsOf, typedSince } from './typed.ts';

/** An answer of the engine, and everything it depends on. */
export interface CachedAnswer {
  readonly uri: string;
  /** Model and base session it was made with. */
  readonly scope: string;
  readonly window: TextWindow;
  /** Best first; empty when there was nothing to offer. */
  readonly candidates: readonly string[];
  readonly dropped?: DropReason | undefined;
}

export interface CacheHit {
  /** `cache`: asked at this very place before. */
  readonly source: 'cache' | 'typedAsSuggested';
  readonly candidates: readonly string[];
  readonly dropped?: DropReason | undefined;
}

export interface CacheKey {
  readonly uri: string;
  readonly scope: string;
  readonly window: TextWindow;
}

/**
 * The last answers, most recently used first: who types what was suggested, or goes back to a place that was answered, needs no
 * engine. Texts are compared, not only hashes. 100 windows are at most 4 MB.
 */
export class ResultCache {
  readonly #capacity: number;
  readonly #items: CachedAnswer[] = [];

  constructor(capacity = 100) {
    this.#capacity = capacity;
  }

  add(answer: CachedAnswer): void {
    this.#items.unshift(answer);
    this.#items.length = Math.min(this.#items.length, this.#capacity);
  }

  /** What the most recently used answer that fits has for this place; undefined when none does. */
  find(key: CacheKey): CacheHit | undefined {
    for (const item of this.#items) {
      const hit = item.uri === key.uri && item.scope === key.scope ? hitOf(item, key) : undefined;
      if (hit === undefined) continue;
      this.#touch(item);
      return hit;
    }
    return undefined;
  }

  forget(uri: string): void {
    const kept = this.#items.filter((item) => item.uri !== uri);
    this.#items.splice(0, this.#items.length, ...kept);
  }

  #touch(item: CachedAnswer): void {
    this.#items.splice(this.#items.indexOf(item), 1);
    this.#items.unshift(item);
  }
}

function hitOf(item: CachedAnswer, { window }: CacheKey): CacheHit | undefined {
  const typed = typedSince(item.window, window);
  if (typed === undefined) return undefined;
  if (typed.text === '' && typed.closers === '') {
    return { source: 'cache', candidates: item.candidates, dropped: item.dropped };
  }
  const candidates = restsOf(item.candidates, typed);
  return candidates.length > 0 ? { source: 'typedAsSuggested', candidates } : undefined;
}
