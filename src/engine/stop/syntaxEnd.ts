/** Where the block that the cursor is in ends, by the language's grammar. */
import { loadGrammar, type Parser, type SyntaxNode } from '../../syntax/grammars.ts';

/** Longer texts take longer to parse than they are worth. */
const maxChars = 100_000;

/** Watches a suggestion grow, and parses it while the next token is on its way: never on the way of one. */
export class SyntaxEnd {
  readonly #prefix: string;
  readonly #parser: Promise<Parser | undefined>;
  #parsedLines = 0;
  #end: number | undefined;

  constructor(prefix: string, languageId: string) {
    this.#prefix = prefix;
    this.#parser = prefix.length > maxChars ? Promise.resolve(undefined) : loadGrammar(languageId);
  }

  /** Offset in the suggestion where its block has ended, as far as that is known. */
  get end(): number | undefined {
    return this.#end;
  }

  /** Takes the text so far; at a new line end it is parsed soon. */
  watch(text: string): void {
    const lines = text.split('\n').length - 1;
    if (lines <= this.#parsedLines || this.#end !== undefined) return;
    this.#parsedLines = lines;
    setImmediate(() => void this.settle(text));
  }

  /** Parses the text now, if the grammar is there. */
  async settle(text: string): Promise<number | undefined> {
    const parser = await this.#parser;
    if (parser !== undefined) this.#end ??= enclosingBlockEnd(parser, this.#prefix, text);
    return this.#end;
  }
}

/** Where the innermost block that was open at the cursor is closed in `text`, with what closes on the same line. */
export function enclosingBlockEnd(
  parser: Parser,
  prefix: string,
  text: string,
): number | undefined {
  if (!text.includes('}')) return undefined; // closes nothing: documents are long
  const start = prefix.length + (text.length - text.trimStart().length);
  const tree = parser.parse(prefix + text);
  if (tree === null) return undefined;
  try {
    for (let node = tree.rootNode.descendantForIndex(start); node !== null; node = node.parent) {
      if (!isBlockAround(node, prefix.length)) continue;
      const last = node.lastChild;
      if (last?.type !== '}' || last.isMissing) return undefined;
      const end = last.endIndex - prefix.length;
      return end > 0 ? end + closersFrom(text.slice(end)) : undefined;
    }
    return undefined;
  } finally {
    tree.delete();
  }
}

function isBlockAround(node: SyntaxNode, cursor: number): boolean {
  const first = node.firstChild;
  return first?.type === '{' && first.startIndex < cursor && node.endIndex > cursor;
}

function closersFrom(text: string): number {
  return /^[)\];,]*/.exec(text)?.[0].length ?? 0;
}
