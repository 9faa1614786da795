import { loadGrammar, type SyntaxNode } from '../syntax/grammars.ts';
import { lineSignatures } from './lineSignatures.ts';
import { languageOf } from './language.ts';
import { signatureRules, type Shape, type SignatureRules } from './signatureRules.ts';

/**
 * What others can use of a source file: declarations without bodies, one a line, members indented by
 * two spaces. Empty when there are none. Comments are left out: they change more often than what
 * they describe.
 */
export async function signaturesOf(path: string, text: string): Promise<string> {
  const languageId = languageOf(path);
  if (languageId === undefined) return '';
  const rules = signatureRules(languageId);
  const parser = rules && (await loadGrammar(languageId));
  if (rules === undefined || parser === undefined) return lineSignatures(text);
  const tree = parser.parse(text);
  if (tree === null) return lineSignatures(text);
  try {
    const walk = new Walk(rules, text);
    walk.top(tree.rootNode);
    return walk.lines.map((line) => `${line}\n`).join('');
  } finally {
    tree.delete();
  }
}

/** A file with more than this is shown in part: its first declarations. */
const MAX_LINES = 120;
const MAX_LINE_CHARS = 220;
/** Types longer than this show their first members. */
const MAX_WHOLE_LINES = 24;

class Walk {
  readonly lines: string[] = [];
  readonly #rules: SignatureRules;
  readonly #text: string;

  constructor(rules: SignatureRules, text: string) {
    this.#rules = rules;
    this.#text = text;
  }

  top(root: SyntaxNode): void {
    const { exportKind } = this.#rules;
    const children = root.namedChildren.filter((child) => child !== null);
    const exported = children.filter(({ type }) => type === exportKind);
    this.#members(exported.length > 0 ? exported : children, 0, false);
  }

  #members(nodes: readonly SyntaxNode[], depth: number, hidden: boolean): void {
    let isHidden = hidden;
    for (const node of nodes) {
      if (this.lines.length >= MAX_LINES) return;
      isHidden = this.#rules.hidesFollowing?.(node) ?? isHidden;
      if (isHidden || node.isError || node.isMissing) continue;
      const shape = shapeOf(this.#rules, node);
      if (shape !== undefined && !this.#rules.isHidden(node)) this.#show(node, shape, depth);
    }
  }

  #show(node: SyntaxNode, shape: Shape, depth: number): void {
    switch (shape) {
      case 'through':
        return this.#members(childrenOf(node), depth, false);
      case 'whole':
        return this.#whole(node, depth);
      case 'head':
        return this.#line(this.#head(node), depth);
      case 'variable':
        return this.#variable(node, depth);
      case 'container': {
        this.#line(this.#head(node), depth);
        const body = node.childForFieldName('body');
        const hidden = this.#rules.startsHidden?.(node) ?? false;
        if (body !== null) this.#members(childrenOf(body), depth + 1, hidden);
      }
    }
  }

  /** A declaration up to its body, with what stands before it in its wrapper (`export default`). */
  #head(node: SyntaxNode): string {
    const body = node.childForFieldName('body') ?? node.childForFieldName('accessors');
    const text = this.#text.slice(startOf(node), body?.startIndex ?? node.endIndex);
    return RUBY_METHODS.has(node.type) ? text.replace(/\s+end$/u, '') : text;
  }

  #whole(node: SyntaxNode, depth: number): void {
    const text = this.#text.slice(startOf(node), node.endIndex);
    const lines = withoutComments(text)
      .split('\n')
      .filter((line) => line.trim() !== '');
    const indent = /^\s*/u.exec(lines.at(-1) ?? '')?.[0].length ?? 0;
    for (const [index, line] of lines.slice(0, MAX_WHOLE_LINES).entries()) {
      this.#push(line.slice(index === 0 ? 0 : Math.min(indent, leading(line))), depth);
    }
    if (lines.length > MAX_WHOLE_LINES) this.#push('  …', depth);
  }

  /** Names and types; a value only when it is short and on one line. */
  #variable(node: SyntaxNode, depth: number): void {
    const declarator = node.namedChildren.find((child) => child?.type === 'variable_declarator');
    const value =
      (declarator ?? node).childForFieldName('value') ?? node.childForFieldName('right');
    const start = startOf(node);
    if (value === null) return this.#line(this.#text.slice(start, node.endIndex), depth);
    const body = value.childForFieldName('body');
    if (body !== null) return this.#line(this.#text.slice(start, body.startIndex), depth);
    const isShort = value.endIndex - value.startIndex <= MAX_VALUE_CHARS;
    const isOneLine = value.startPosition.row === value.endPosition.row;
    const end = isShort && isOneLine ? value.endIndex : value.startIndex;
    this.#line(this.#text.slice(start, end), depth);
  }

  #line(text: string, depth: number): void {
    const line = withoutComments(text).replace(/\s+/gu, ' ').trim();
    this.#push(line.replace(/\s*(?:=>|[{:=;])$/u, ''), depth);
  }

  #push(line: string, depth: number): void {
    if (line === '' || this.lines.length >= MAX_LINES) return;
    const cut = line.length > MAX_LINE_CHARS ? `${line.slice(0, MAX_LINE_CHARS)}…` : line;
    this.lines.push('  '.repeat(depth) + cut.trimEnd());
  }
}

const MAX_VALUE_CHARS = 40;

/** An empty method has no body node, only its `end`. */
const RUBY_METHODS: ReadonlySet<string> = new Set(['method', 'singleton_method']);

function shapeOf(rules: SignatureRules, node: SyntaxNode): Shape | undefined {
  return Object.hasOwn(rules.shapes, node.type) ? rules.shapes[node.type] : undefined;
}

function childrenOf(node: SyntaxNode): readonly SyntaxNode[] {
  return node.namedChildren.filter((child) => child !== null);
}

/** Where `export`, `export default`, `declare` or `template <…>` before a declaration begin. */
function startOf(node: SyntaxNode): number {
  let start = node.startIndex;
  for (let outer = node.parent; outer !== null && WRAPPERS.has(outer.type); outer = outer.parent) {
    const decorator = outer.namedChildren.findLast((child) => child?.type === 'decorator');
    start = decorator ? start : outer.startIndex;
  }
  return start;
}

const WRAPPERS: ReadonlySet<string> = new Set([
  ...['export_statement', 'ambient_declaration', 'template_declaration'],
]);

function leading(line: string): number {
  return line.length - line.trimStart().length;
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//gu, '').replace(/(^|\s)\/\/[^\n]*/gmu, '$1');
}
