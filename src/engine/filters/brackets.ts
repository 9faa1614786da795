import { scanText } from '../../syntax/lexical.ts';
import { bracketShape, isSameShape, opener } from './bracketShape.ts';
import { lineAfter, type Filter, type Place } from './filter.ts';

/** A suggestion ends before a bracket that closes what the document closes already, or never opened. */
export const brackets: Filter = {
  name: 'brackets',
  apply: (text, place) => {
    const excess = firstExcess(text, place);
    return excess === undefined ? text : text.slice(0, excess);
  },
};

function firstExcess(text: string, place: Place): number | undefined {
  const { closing } = bracketShape(scannedAfter(place.prefix, text, place));
  if (closing.length === 0) return undefined;
  const stack = bracketShape(scanText(place.prefix, place.languageId).code).open;
  const needed = neededBelow(text, place);
  // A document that is cut, or out of balance by itself, says nothing.
  if (needed > stack.length || stack.length === 0) return undefined;
  for (const [count, { bracket, at }] of closing.entries()) {
    const top = stack[stack.length - 1 - count];
    if (top === undefined || top !== opener(bracket)) return at;
    if (stack.length - 1 - count < needed) return at;
  }
  return undefined;
}

/** The suggestion's own code, read as what follows the prefix: it may begin inside of a string. */
function scannedAfter(prefix: string, text: string, { languageId }: Place): string {
  return scanText(prefix + text, languageId).code.slice(prefix.length);
}

/** How many brackets the text after the cursor closes that it did not open; the rest of the line goes if it is brought along. */
function neededBelow(text: string, place: Place): number {
  const rest = lineAfter(place);
  const suffix = isBroughtAlong(rest.trimEnd(), text)
    ? place.suffix.slice(rest.length)
    : place.suffix;
  return bracketShape(scanText(suffix, place.languageId).code).closing.length;
}

/** True when the suggestion has every character of the rest, in order, and closes the same: then it replaces the rest. */
function isBroughtAlong(rest: string, text: string): boolean {
  let at = 0;
  for (const character of rest) {
    at = text.indexOf(character, at) + 1;
    if (at === 0) return false;
  }
  return rest !== '' && isSameShape(rest, text);
}
