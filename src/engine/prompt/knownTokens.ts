/**
 * The same text can be tokens in more than one way: a model may generate an answer as other tokens than the tokenizer
 * would make of it. What a session already holds is therefore read as it stands: where its tokens spell the text of the
 * conversation they are taken, and their cells are found again, also after a restart.
 */
import type { Tokenizer } from '../inference/tokenizer.ts';

/** A piece of a prompt: tokens of the template, or text of a person, a file or the model. */
export type PromptPiece =
  | { readonly kind: 'tokens'; readonly tokens: readonly number[] }
  | { readonly kind: 'text'; readonly text: string };

/** Tokens of all pieces; as long as `known` spells them, the tokens are those of `known`. */
export function tokensOf(
  tokenizer: Tokenizer,
  pieces: readonly PromptPiece[],
  known: readonly number[],
): number[] {
  const tokens: number[] = [];
  let isKnown = true;
  for (const piece of pieces) {
    const at = tokens.length;
    const spelled: readonly number[] | undefined =
      isKnown && piece.kind === 'text' ? spelling(tokenizer, known, at, piece.text) : undefined;
    const own: readonly number[] =
      piece.kind === 'tokens' ? piece.tokens : (spelled ?? tokenizer.text(piece.text));
    for (const token of own) tokens.push(token);
    isKnown &&= spelled !== undefined || own.every((token, index) => known[at + index] === token);
  }
  return tokens;
}

/** The tokens from `start` on that spell exactly `text`; undefined when they do not. */
function spelling(
  tokenizer: Tokenizer,
  known: readonly number[],
  start: number,
  text: string,
): readonly number[] | undefined {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let length = 0;
  for (let end = start; ; end++) {
    if (length === text.length) return known.slice(start, end);
    const token = known[end];
    if (token === undefined || tokenizer.endsText(token)) return undefined;
    const added = decoder.decode(tokenizer.bytes(token), { stream: true });
    if (!text.startsWith(added, length)) return undefined;
    length += added.length;
  }
}
