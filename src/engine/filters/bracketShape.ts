/** Brackets of a text: which it leaves open, and which it closes that it did not open. Order matters. */
export interface BracketShape {
  /** Openers without their closer, outermost first. */
  readonly open: string;
  /** Closers without their opener, with their places. */
  readonly closing: readonly { readonly bracket: string; readonly at: number }[];
}

const pairs: ReadonlyMap<string, string> = new Map([
  [')', '('],
  [']', '['],
  ['}', '{'],
]);

/** @param code text without comments and strings. */
export function bracketShape(code: string): BracketShape {
  const open: string[] = [];
  const closing: { bracket: string; at: number }[] = [];
  for (let at = 0; at < code.length; at++) {
    const bracket = code[at] ?? '';
    const opener = pairs.get(bracket);
    if ('([{'.includes(bracket)) open.push(bracket);
    else if (opener === undefined) continue;
    else if (open.at(-1) === opener) open.pop();
    else closing.push({ bracket, at });
  }
  return { open: open.join(''), closing };
}

export function opener(closer: string): string | undefined {
  return pairs.get(closer);
}

/** Both leave open and close the same, so that one can stand for the other; quotes are counted by their parity. */
export function isSameShape(a: string, b: string): boolean {
  const shape = (text: string): string => {
    const { open, closing } = bracketShape(text);
    const quotes = ['"', "'", '`'].map((quote) => (text.split(quote).length - 1) % 2);
    return [open, closing.map(({ bracket }) => bracket).join(''), ...quotes].join(' ');
  };
  return shape(a) === shape(b);
}
