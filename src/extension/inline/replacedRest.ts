/**
 * Which text to the right of the cursor a suggestion replaces: the rest of the line, when the suggestion brings that along
 * (brackets and quotes that the editor closed by itself, a semicolon that stands there). Empty when it only inserts.
 */
export function replacedRest(suggestion: string, suffix: string): string {
  const lineEnd = suffix.indexOf('\n');
  const rest = (lineEnd < 0 ? suffix : suffix.slice(0, lineEnd)).trimEnd();
  if (rest === '' || !isSubsequence(rest, suggestion)) return '';
  return isSameShape(rest, suggestion) ? rest : '';
}

function isSubsequence(part: string, whole: string): boolean {
  let at = 0;
  for (const character of part) {
    at = whole.indexOf(character, at);
    if (at < 0) return false;
    at += character.length;
  }
  return true;
}

/** Both close and open the same, so that putting one for the other keeps brackets and quotes balanced. */
function isSameShape(a: string, b: string): boolean {
  const [shapeA, shapeB] = [shapeOf(a), shapeOf(b)];
  return shapeA.every((value, index) => value === shapeB[index]);
}

function shapeOf(text: string): readonly number[] {
  const count = (character: string): number => text.split(character).length - 1;
  const depths = ['()', '[]', '{}'].map((pair) => count(pair[0]!) - count(pair[1]!));
  const quotes = ['"', "'", '`'].map((quote) => count(quote) % 2);
  return [...depths, ...quotes];
}
