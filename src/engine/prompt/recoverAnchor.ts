/**
 * The anchor of a file session that came back from its file. It is not stored: the session's tokens spell the prompt,
 * and so the prefix and suffix that the anchor stands for.
 */
import type { Tokenizer } from '../tokenizer.ts';
import type { Anchor, DocumentText } from './anchor.ts';

/** `undefined` when the tokens are no FIM prompt, or their prefix is not in the document any more. */
export function recoverAnchor(
  tokenizer: Tokenizer,
  tokens: readonly number[],
  document: DocumentText,
): Anchor | undefined {
  const { fim } = tokenizer;
  if (fim === undefined) return undefined;
  const prefixAt = tokens.indexOf(fim.prefix);
  const suffixAt = tokens.indexOf(fim.suffix, prefixAt);
  const middleAt = tokens.indexOf(fim.middle, suffixAt);
  if (prefixAt < 0 || suffixAt < 0 || middleAt < 0) return undefined;
  const prefix = spell(tokenizer, tokens.slice(prefixAt + 1, suffixAt));
  const suffix = spell(tokenizer, tokens.slice(suffixAt + 1, middleAt));
  const offset = document.prefix.lastIndexOf(prefix);
  if (offset < 0) return undefined;
  const before = document.prefix.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  const startLine = document.firstLine + before.split('\n').length - 1;
  return { startLine, lineOffset: offset - lineStart, prefix, suffix };
}

function spell(tokenizer: Tokenizer, tokens: readonly number[]): string {
  return Buffer.concat(tokens.map((token) => tokenizer.bytes(token))).toString('utf8');
}
