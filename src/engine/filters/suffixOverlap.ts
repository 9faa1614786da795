import { isSameShape } from './bracketShape.ts';
import { lineAfter, type Filter, type Place } from './filter.ts';

/** Fewer characters in common are chance. */
const tellingOverlap = 6;

/** What stands right of the cursor, or below it, is not offered again. */
export const suffixOverlap: Filter = {
  name: 'suffixOverlap',
  apply: (text, place) => withoutNextText(withoutRest(text, place), place),
};

/** The end of the first line, where it is the rest of the cursor's line and closes the same brackets. */
function withoutRest(text: string, place: Place): string {
  const rest = lineAfter(place).trimEnd();
  if (rest === '' || !text.trimEnd().endsWith(rest)) return text;
  return isSameShape(text, rest) || isName(rest) ? text.trimEnd().slice(0, -rest.length) : text;
}

/** The person is in the middle of a word or an expression that goes on as suggested. */
function isName(rest: string): boolean {
  return /^[\w$.]+$/.test(rest);
}

/** The end of a suggestion of several lines, where the text after the cursor begins with it. */
function withoutNextText(text: string, { suffix }: Place): string {
  const trimmed = text.trimEnd();
  const below = suffix.trimStart();
  if (!trimmed.includes('\n') || below === '') return text;
  for (let length = Math.min(trimmed.length, below.length); length >= tellingOverlap; length--) {
    const start = trimmed.length - length;
    const startsLine =
      start === 0 || /^\s*$/.test(trimmed.slice(trimmed.lastIndexOf('\n', start - 1) + 1, start));
    if (startsLine && below.startsWith(trimmed.slice(start))) return trimmed.slice(0, start);
  }
  return text;
}
