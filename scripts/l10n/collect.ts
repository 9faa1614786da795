/** Finds every text that the extension shows: the first arguments of `vscode.l10n.t(…)` and `localize(…)`. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { inRoot } from '../lib/paths.ts';

/** What VS Code hands to translators: the English text under itself. */
export type Bundle = Readonly<Record<string, string>>;

export const bundlePath = 'l10n/bundle.l10n.json';

/** Sorted, so that a change of the source changes as few lines as it can. Throws where a text is no literal. */
export function collectTexts(folder = inRoot('src/extension')): Bundle {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const texts = names
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => textsOf(join(folder, name)));
  const sorted = [...new Set(texts)].sort((a, b) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map((text) => [text, text]));
}

export function bundleText(bundle: Bundle): string {
  return `${JSON.stringify(bundle, undefined, 2)}\n`;
}

function textsOf(path: string): string[] {
  const source = ts.createSourceFile(
    path,
    readFileSync(path, 'utf8'),
    ts.ScriptTarget.Latest,
    true,
  );
  const texts: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && isTranslation(node.expression, source)) {
      const text = literalOf(node.arguments[0]);
      if (text !== undefined) texts.push(text);
      else if (!path.endsWith('localize.ts') && !isForwarding(node))
        throw new Error(`${path}:${lineOf(node, source)}: the text must be a literal`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return texts;
}

function isTranslation(called: ts.Expression, source: ts.SourceFile): boolean {
  return ['vscode.l10n.t', 'l10n.t', 'localize'].includes(called.getText(source));
}

/** `(message, ...args) => vscode.l10n.t(message, ...args)`: where `localize` is connected. */
function isForwarding({ arguments: [first, second] }: ts.CallExpression): boolean {
  return (
    first !== undefined &&
    ts.isIdentifier(first) &&
    first.text === 'message' &&
    second !== undefined &&
    ts.isSpreadElement(second)
  );
}

/** Of a literal, or of literals added to one another. */
function literalOf(node: ts.Expression | undefined): string | undefined {
  if (node === undefined) return undefined;
  if (ts.isStringLiteralLike(node)) return node.text;
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.PlusToken)
    return undefined;
  const [left, right] = [literalOf(node.left), literalOf(node.right)];
  return left === undefined || right === undefined ? undefined : left + right;
}

function lineOf(node: ts.Node, source: ts.SourceFile): number {
  return source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
}
