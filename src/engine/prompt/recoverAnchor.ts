/**
 * The anchor of a file session that came back from its file. It is not stored: the session's tokens spell the prompt,
 * and so the prefix and suffix that the anchor stands for.
 */
import type { Tokenizer } from '../inference/tokenizer.ts';
import type { Anchor, DocumentText } from './anchor.ts';
import type { FimFormat, FimPart } from './fimFormat.ts';
import { fileHeader } from './fimPrompt.ts';

/** `undefined` when the tokens are no FIM prompt, or their prefix is not in the document any more. */
export function recoverAnchor(
  tokenizer: Tokenizer,
  path: string,
  tokens: readonly number[],
  document: DocumentText,
): Anchor | undefined {
  const { fim } = tokenizer;
  const texts = fim && findTexts(fim, tokens);
  // Where P stands last nothing marks its end, and what was typed behind it is part of it.
  if (texts === undefined) return undefined;
  const context = contextBefore(tokenizer, path, tokens.slice(0, texts.start));
  if (context === undefined) return undefined;
  const prefix = spell(tokenizer, texts.P);
  const suffix = spell(tokenizer, texts.S);
  const offset = document.prefix.lastIndexOf(prefix);
  if (offset < 0) return undefined;
  const before = document.prefix.slice(0, offset);
  const lineOffset = offset - (before.lastIndexOf('\n') + 1);
  const startLine = document.firstLine + before.split('\n').length - 1;
  const isSuffixWhole = document.suffix.length <= suffix.length;
  return { startLine, lineOffset, prefix, suffix, isSuffixWhole, context };
}

interface Texts {
  readonly start: number;
  readonly P: readonly number[];
  readonly S: readonly number[];
}

/** The runs of tokens between the format's own ones. */
function findTexts(
  { tokens: special, order }: FimFormat,
  tokens: readonly number[],
): Texts | undefined {
  const isText = (part: FimPart | undefined): part is 'P' | 'S' => part === 'P' || part === 'S';
  if (isText(order.at(-1))) return undefined;
  const texts: Partial<Record<'P' | 'S', readonly number[]>> = {};
  let start: number | undefined;
  let end = 0;
  for (const [at, part] of order.entries()) {
    const wanted = isText(part) ? undefined : special[part];
    if (isText(part) || wanted === undefined) continue;
    const found = tokens.indexOf(wanted, end);
    if (found < 0) return undefined;
    const before = order[at - 1];
    if (isText(before)) texts[before] = tokens.slice(end, found);
    start ??= found;
    end = found + 1;
  }
  const { P, S } = texts;
  return start === undefined || P === undefined || S === undefined ? undefined : { start, P, S };
}

/** What stands before the file's own header, if it ends with that. */
function contextBefore(
  tokenizer: Tokenizer,
  path: string,
  tokens: readonly number[],
): readonly number[] | undefined {
  const header = fileHeader(tokenizer, path);
  const start = tokens.length - header.length;
  const isHeader = start >= 0 && header.every((token, at) => tokens[start + at] === token);
  return isHeader ? tokens.slice(0, start) : undefined;
}

function spell(tokenizer: Tokenizer, tokens: readonly number[]): string {
  return Buffer.concat(tokens.map((token) => tokenizer.bytes(token))).toString('utf8');
}
