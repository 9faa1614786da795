/** Comments and strings of a text by its language's tokens alone: quick, and right for all but the odd regular expression. */
import { commentTokens, type CommentTokens } from './commentTokens.ts';

/** Where the text ends. */
type TextEnd =
  | { readonly kind: 'code' | 'lineComment' | 'string' }
  | { readonly kind: 'blockComment'; readonly close: string };

export interface Scanned {
  /** The text with blanks for what stands in comments and strings; of the same length, with the same line ends. */
  readonly code: string;
  readonly end: TextEnd;
}

interface Span {
  readonly stop: number;
  /** The end of the text came first. */
  readonly open?: TextEnd;
}

const code: TextEnd = { kind: 'code' };

/** @param text from a place in code; a text that begins in a string or a comment is misread up to its end. */
export function scanText(text: string, languageId: string): Scanned {
  const tokens = commentTokens(languageId);
  let masked = '';
  let copied = 0;
  for (let at = 0; at < text.length;) {
    const span = spanAt(text, at, tokens);
    if (span === undefined) {
      at++;
      continue;
    }
    masked += text.slice(copied, at) + blank(text.slice(at, span.stop));
    if (span.open !== undefined)
      return { code: masked + blank(text.slice(span.stop)), end: span.open };
    copied = span.stop;
    at = span.stop;
  }
  return { code: masked + text.slice(copied), end: code };
}

function spanAt(text: string, at: number, tokens: CommentTokens): Span | undefined {
  for (const [begin, close] of tokens.blocks)
    if (text.startsWith(begin, at)) return upTo(text, at + begin.length, close);
  if (tokens.line.some((begin) => text.startsWith(begin, at))) return lineComment(text, at);
  const quote = text[at] ?? '';
  if (tokens.longQuotes.includes(quote)) return stringFrom(text, at, quote, true);
  return tokens.quotes.includes(quote) ? stringFrom(text, at, quote, false) : undefined;
}

function upTo(text: string, from: number, close: string): Span {
  const found = text.indexOf(close, from);
  return found < 0
    ? { stop: text.length, open: { kind: 'blockComment', close } }
    : { stop: found + close.length };
}

function lineComment(text: string, at: number): Span {
  const end = text.indexOf('\n', at);
  return end < 0 ? { stop: text.length, open: { kind: 'lineComment' } } : { stop: end };
}

function stringFrom(text: string, at: number, quote: string, isLong: boolean): Span {
  for (let next = at + 1; next < text.length; next++) {
    const character = text[next];
    if (character === '\\') next++;
    else if (character === quote) return { stop: next + 1 };
    else if (character === '\n' && !isLong) return { stop: next };
  }
  return { stop: text.length, open: { kind: 'string' } };
}

function blank(text: string): string {
  return text.replace(/[^\n]/g, ' ');
}
