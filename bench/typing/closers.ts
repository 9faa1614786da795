/** Brackets and quotes that an editor closes by itself (`editor.autoClosingBrackets`, as VS Code does it). */

const closerOf: Readonly<Record<string, string>> = {
  '(': ')',
  '[': ']',
  '{': '}',
  "'": "'",
  '"': '"',
  '`': '`',
};

/**
 * Openers of `text` that get their closer when they are typed: offset → offset of the closer. Only pairs that the text
 * really has, so that typing it all ends in the very same text; and as in VS Code, no quote right after a word.
 */
export function autoClosed(text: string): ReadonlyMap<number, number> {
  const pairs = new Map<number, number>();
  const open: { readonly offset: number; readonly closer: string }[] = [];
  for (let offset = 0; offset < text.length; offset++) {
    const character = text[offset] ?? '';
    const innermost = open.at(-1);
    if (character === '\\') offset++;
    else if (innermost?.closer === character) {
      open.pop();
      if (closes(text, innermost.offset, offset)) pairs.set(innermost.offset, offset);
    } else if (closerOf[character] !== undefined && !isQuote(innermost?.closer))
      open.push({ offset, closer: closerOf[character] });
  }
  return pairs;
}

/** A quote that spans lines is no string but an apostrophe in a comment. */
function closes(text: string, opener: number, closer: number): boolean {
  if (!isQuote(text[opener])) return true;
  const afterWord = /\w/.test(text[opener - 1] ?? '');
  return !afterWord && !text.slice(opener, closer).includes('\n');
}

function isQuote(character: string | undefined): boolean {
  return character === "'" || character === '"' || character === '`';
}
