/**
 * vLLM's prefix cache, as far as hits go: a prompt's tokens in blocks of 16; a block is known by the hash of its tokens
 * and of the block before it; only whole blocks are kept, and at least one token of a prompt is always evaluated.
 */
import { createHash } from 'node:crypto';

const blockTokens = 16;

export interface CacheUse {
  readonly tokens: number;
  readonly hits: number;
}

export class BlockCache {
  readonly #blocks = new Set<string>();

  take(tokens: readonly string[]): CacheUse {
    let hash = '';
    let hits = 0;
    let isHit = true;
    for (let start = 0; start + blockTokens <= tokens.length; start += blockTokens) {
      const block = tokens.slice(start, start + blockTokens).join('\u0000');
      hash = createHash('sha256').update(`${hash}\n${block}`).digest('base64');
      isHit &&= this.#blocks.has(hash) && start + blockTokens < tokens.length;
      if (isHit) hits += blockTokens;
      this.#blocks.add(hash);
    }
    return { tokens: tokens.length, hits };
  }
}

/** Special tokens, words with the space before them in pieces of at most 6 letters, marks, line ends with what indents. */
export function roughTokens(text: string): readonly string[] {
  return text.match(/<\|\w+\|>| ?[A-Za-z_]{1,6}|\d| ?[^\sA-Za-z0-9_]{1,2}|\n *|\s/gu) ?? [];
}
