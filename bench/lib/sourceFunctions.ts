/** Functions in source text, found with tree-sitter: what benchmarks cut out and type again. */
import { loadGrammar, type SyntaxNode } from '../../src/syntax/grammars.ts';

export interface SourceFunction {
  /** Offset of the first character after the body's opening (`{` or `:`). */
  readonly start: number;
  /** Offset of the body's end, before a closing `}`. */
  readonly end: number;
  /** Lines of the body with code or comments. */
  readonly lines: number;
}

const functionTypes = new Set([
  'function_declaration',
  'function_definition',
  'function_expression',
  'generator_function_declaration',
  'method_definition',
  'method_declaration',
  'arrow_function',
  'function_item',
]);

/** Functions with a body of several lines, in the order of the text; nested ones too. Empty without a grammar. */
export async function sourceFunctions(text: string, languageId: string): Promise<SourceFunction[]> {
  const parser = await loadGrammar(languageId);
  const tree = parser?.parse(text);
  if (!tree) return [];
  try {
    return bodies(tree.rootNode)
      .map((body) => innerOf(text, body))
      .filter(({ lines }) => lines >= 2)
      .sort((left, right) => left.start - right.start);
  } finally {
    tree.delete();
  }
}

function bodies(root: SyntaxNode): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  const visit = (node: SyntaxNode): void => {
    const body = functionTypes.has(node.type) ? node.childForFieldName('body') : null;
    if (body) found.push(body);
    for (const child of node.namedChildren) if (child) visit(child);
  };
  visit(root);
  return found;
}

function innerOf(text: string, body: SyntaxNode): SourceFunction {
  const braces = text[body.startIndex] === '{';
  // A block without braces begins at its first statement: what stands before it on the line belongs to it.
  const start = braces ? body.startIndex + 1 : text.lastIndexOf('\n', body.startIndex);
  const end = braces ? body.endIndex - 1 : body.endIndex;
  const lines = text.slice(start, end).split('\n');
  return { start, end, lines: lines.filter((line) => line.trim() !== '').length };
}
