/** How much to suggest at a place, by the text around it. */
import { scanText } from '../../syntax/lexical.ts';

export type SuggestionKind =
  | { readonly kind: 'line' }
  /** Several lines, up to where the block that the cursor is in ends. */
  | { readonly kind: 'block' }
  /** The rest of a block comment or a doc string. */
  | { readonly kind: 'comment'; readonly close: string };

export interface CursorText {
  readonly prefix: string;
  readonly suffix: string;
  readonly languageId: string;
}

/** The line so far opens something whose inside comes next. */
const opensBlock = /(?:[{([]|=>|\b(?:then|do|else|begin))\s*$/;
const opensBlockByColon = /:\s*$/;
const colonLanguages = new Set(['python', 'yaml', 'nim']);

/** One line where code follows the cursor, or the line has begun and opens nothing; a block otherwise. */
export function suggestionKind(text: CursorText): SuggestionKind {
  const { prefix, suffix, languageId } = text;
  const lineAfter = suffix.split('\n', 1)[0] ?? '';
  if (lineAfter.trim() !== '') return { kind: 'line' };
  const { code, end } = scanText(prefix, languageId);
  if (end.kind === 'blockComment') {
    const isClosed = closesSoon(suffix, end.close);
    return isClosed ? { kind: 'line' } : { kind: 'comment', close: end.close };
  }
  if (end.kind === 'lineComment' || end.kind === 'string') return { kind: 'line' };
  const lineBefore = code.slice(code.lastIndexOf('\n') + 1);
  const isBlock =
    isBlank(prefix) ||
    opensBlock.test(lineBefore) ||
    (colonLanguages.has(languageId) && opensBlockByColon.test(lineBefore));
  return { kind: isBlock ? 'block' : 'line' };
}

function isBlank(prefix: string): boolean {
  return prefix.slice(prefix.lastIndexOf('\n') + 1).trim() === '';
}

/** The comment's end stands below already, before another comment could begin. */
function closesSoon(suffix: string, close: string): boolean {
  const closeAt = suffix.indexOf(close);
  const openAt = suffix.indexOf('/*');
  return closeAt >= 0 && (openAt < 0 || closeAt <= openAt);
}
