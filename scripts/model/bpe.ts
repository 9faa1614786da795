import { BYTE_ORDER, byteCharacter, toByteCharacters } from './bytes.ts';

/** The word splitter that `tokenizer.ggml.pre = "qwen2"` names. Merges never cross its borders. */
const WORDS =
  /(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+/gu;

/** A byte-level BPE vocabulary: the 256 bytes, then one token per merge, in order. */
export interface Bpe {
  readonly tokens: readonly string[];
  /** `left right`, strongest first, as GGUF stores them. */
  readonly merges: readonly string[];
}

interface Word {
  symbols: string[];
  readonly count: number;
}

/**
 * Learns merges from a text: the most frequent pair first, ties by code unit order, so that the same
 * text gives the same vocabulary everywhere. Stops early when no pair occurs twice.
 */
export function trainBpe(corpus: string, nMerges: number): Bpe {
  const words = countWords(corpus);
  const tokens = BYTE_ORDER.map(byteCharacter);
  const merges: string[] = [];
  while (merges.length < nMerges) {
    const best = mostFrequentPair(words);
    if (best === undefined) break;
    const [left = '', right = ''] = best.split(' ');
    merges.push(best);
    if (!tokens.includes(left + right)) tokens.push(left + right);
    for (const word of words) word.symbols = mergePair(word.symbols, left, right);
  }
  return { tokens, merges };
}

/** Splits a text into token ids. */
export function encodeBpe(bpe: Bpe, text: string): number[] {
  const ids = new Map(bpe.tokens.map((token, id) => [token, id]));
  const ranks = new Map(bpe.merges.map((merge, rank) => [merge, rank]));
  const out: number[] = [];
  for (const word of text.match(WORDS) ?? []) {
    for (const symbol of encodeWord(word, ranks)) out.push(ids.get(symbol) ?? 0);
  }
  return out;
}

function encodeWord(word: string, ranks: ReadonlyMap<string, number>): string[] {
  let symbols = Array.from(toByteCharacters(word));
  for (;;) {
    let best: string | undefined;
    let bestRank = Infinity;
    for (const pair of pairsOf(symbols)) {
      const rank = ranks.get(pair) ?? Infinity;
      if (rank < bestRank) [best, bestRank] = [pair, rank];
    }
    if (best === undefined) return symbols;
    const [left = '', right = ''] = best.split(' ');
    symbols = mergePair(symbols, left, right);
  }
}

function countWords(corpus: string): Word[] {
  const counts = new Map<string, number>();
  for (const word of corpus.match(WORDS) ?? []) counts.set(word, (counts.get(word) ?? 0) + 1);
  return Array.from(counts, ([word, count]) => ({
    symbols: Array.from(toByteCharacters(word)),
    count,
  }));
}

function mostFrequentPair(words: readonly Word[]): string | undefined {
  const counts = new Map<string, number>();
  for (const { symbols, count } of words) {
    for (const pair of pairsOf(symbols)) counts.set(pair, (counts.get(pair) ?? 0) + count);
  }
  let best: string | undefined;
  let bestCount = 1;
  for (const [pair, count] of counts) {
    if (count > bestCount || (count === bestCount && best !== undefined && pair < best)) {
      [best, bestCount] = [pair, count];
    }
  }
  return best;
}

function pairsOf(symbols: readonly string[]): string[] {
  return symbols.slice(1).map((right, index) => `${symbols[index] ?? ''} ${right}`);
}

function mergePair(symbols: readonly string[], left: string, right: string): string[] {
  const out: string[] = [];
  for (let index = 0; index < symbols.length; index++) {
    const here = symbols[index] ?? '';
    if (here === left && symbols[index + 1] === right) {
      out.push(left + right);
      index++;
    } else {
      out.push(here);
    }
  }
  return out;
}
