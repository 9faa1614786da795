/**
 * The same text can be tokens in more than one way: a model may generate a suggestion as other tokens than the tokenizer
 * would make of it. Tokens that are evaluated are read as they stand, so that their cells serve again.
 */
import type { Tokenizer } from '../inference/tokenizer.ts';

export interface Spelled {
  readonly tokens: readonly number[];
  /** How much of the text they spell, in UTF-16 units. */
  readonly length: number;
}

/** The longest beginning of `tokens` that spells whole characters of a beginning of `text`. */
export function spelledBy(tokenizer: Tokenizer, tokens: readonly number[], text: string): Spelled {
  const wanted = Buffer.from(text, 'utf8');
  let offset = 0;
  let whole = { count: 0, bytes: 0 };
  for (const [at, token] of tokens.entries()) {
    const bytes = tokenizer.bytes(token);
    const fits = bytes.length > 0 && wanted.subarray(offset, offset + bytes.length).equals(bytes);
    if (!fits) break;
    offset += bytes.length;
    if (!isContinuation(wanted[offset])) whole = { count: at + 1, bytes: offset };
  }
  const length = wanted.subarray(0, whole.bytes).toString('utf8').length;
  return { tokens: tokens.slice(0, whole.count), length };
}

/** A byte inside of a character of several bytes. */
function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
