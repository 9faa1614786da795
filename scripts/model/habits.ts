import { encodeBpe } from './bpe.ts';
import { fromByteCharacters, toByteCharacters } from './bytes.ts';
import { TEXT } from './corpus.ts';
import type { Vocabulary } from './vocabulary.ts';

/** What follows a token, or a pair of tokens, with a weight each; the greatest is 1. */
export type Followers = readonly (readonly [token: number, weight: number])[];

export interface Habits {
  /** By token id; every token has some follower. */
  readonly afterToken: readonly Followers[];
  /** The most frequent contexts of two tokens first. */
  readonly afterPair: readonly {
    readonly before: number;
    readonly here: number;
    readonly followers: Followers;
  }[];
  /** Whether the model may write a token by itself. */
  readonly isWritten: readonly boolean[];
}

const N_FOLLOWERS = 4;
/** After a whole function the model stops. */
const END_OF_UNIT = '}\n\n';
/** Stand for numbers. */
const NAMES = ['count', 'limit', 'size', 'index', 'total', 'length', 'start', 'value'];
/** What a token leads to that the text never shows; picked by token id. */
const FALLBACKS = ['(', '.', ';\n', ' =', ',', ' {\n', '\n', ' ', ')', ':'];

/** Learns from the corpus which token follows which. */
export function learnHabits(vocabulary: Vocabulary): Habits {
  const ids = encodeBpe(vocabulary.bpe, withoutNumbers(TEXT));
  const afterToken = new Map<number, Map<number, number>>();
  const afterPair = new Map<string, Map<number, number>>();
  ids.forEach((here, index) => {
    const next = ids[index + 1];
    if (next === undefined) return;
    const before = ids[index - 1];
    // What repeats itself, alone or in turn with another, would be repeated for ever.
    if (next === here || next === before) return;
    count(afterToken, here, next);
    if (before !== undefined) count(afterPair, `${before} ${here}`, next);
  });
  const end = vocabulary.tokens.indexOf(toByteCharacters(END_OF_UNIT));
  const fallbacks = FALLBACKS.flatMap((text) => encodeBpe(vocabulary.bpe, text).slice(0, 1));
  return {
    afterToken: vocabulary.tokens.map((_, id) => {
      if (id === end) return [[vocabulary.controlId('<|im_end|>'), 1]];
      const counts = afterToken.get(id);
      if (counts !== undefined) return strongest(counts);
      return [[fallbacks[id % fallbacks.length] ?? 0, 1]];
    }),
    afterPair: rankPairs(afterPair).filter(({ here }) => here !== end),
    isWritten: vocabulary.tokens.map((token, id) => isWritten(vocabulary, token, id)),
  };
}

/** Numbers become names: each digit is a token of its own, and would lead to the next without end. */
function withoutNumbers(text: string): string {
  let n = 0;
  return text.replaceAll(/(?<![\w#])\d+(\.\d+)?/g, () => NAMES[n++ % NAMES.length] ?? '');
}

function rankPairs(afterPair: ReadonlyMap<string, ReadonlyMap<number, number>>) {
  return Array.from(afterPair, ([context, counts]) => {
    const [before = 0, here = 0] = context.split(' ').map(Number);
    const total = Array.from(counts.values()).reduce((sum, n) => sum + n, 0);
    return { before, here, total, followers: strongest(counts) };
  }).sort((a, b) => b.total - a.total || a.before - b.before || a.here - b.here);
}

/** Text that can be shown: ASCII, or the end of a turn; never a part of a character. */
function isWritten(vocabulary: Vocabulary, token: string, id: number): boolean {
  if (id >= vocabulary.bpe.tokens.length) return token === '<|im_end|>';
  return fromByteCharacters(token).every((byte) => byte === 9 || byte === 10 || isPrintable(byte));
}

const isPrintable = (byte: number): boolean => byte >= 0x20 && byte < 0x7f;

function strongest(counts: ReadonlyMap<number, number>): Followers {
  const kept = Array.from(counts)
    .sort((a, b) => b[1] - a[1] || a[0] - b[0])
    .slice(0, N_FOLLOWERS);
  const most = kept[0]?.[1] ?? 1;
  return kept.map(([token, weight]) => [token, weight / most]);
}

function count<Key>(table: Map<Key, Map<number, number>>, key: Key, next: number): void {
  const counts = table.get(key) ?? new Map<number, number>();
  counts.set(next, (counts.get(next) ?? 0) + 1);
  table.set(key, counts);
}
