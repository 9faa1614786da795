import * as vscode from 'vscode';
import { systemClock } from '../../../client/clock.ts';
import type { Snippet } from '../../../protocol/requests.ts';
import { pathOf } from '../documentText.ts';
import { definitionAt } from './extracts.ts';
import { importedSymbols, usedNear, type ImportedSymbol } from './importedSymbols.ts';
import { withTimeout } from './withTimeout.ts';

const limits = {
  symbols: 6,
  /** Names are looked for so many lines around the cursor. */
  linesAround: 30,
  /** For all symbols together, in ms. */
  budgetMs: 2_000,
  /** Larger files are not read, in bytes. */
  fileBytes: 1_000_000,
  cached: 200,
} as const;

type Found = vscode.Location | vscode.LocationLink;

/** Finds where imported symbols are defined, through whatever language extension there is; slow, so only in idle time. */
export class Definitions {
  readonly #cache = new Map<string, Snippet | undefined>();

  /** Something was saved: what was found may be of yesterday. */
  forget(): void {
    this.#cache.clear();
  }

  /** Of the symbols used near a line, the most used first. */
  async near(document: vscode.TextDocument, line: number): Promise<readonly Snippet[]> {
    const symbols = usedNear(
      importedSymbols(document.getText(), document.languageId),
      linesAround(document, line),
      limits.symbols,
    );
    const endMs = systemClock.now() + limits.budgetMs;
    const snippets: Snippet[] = [];
    for (const symbol of symbols) {
      const leftMs = endMs - systemClock.now();
      if (leftMs <= 0) break;
      const snippet = await this.#of(document, symbol, leftMs);
      if (snippet && !snippets.some(({ text }) => text === snippet.text)) snippets.push(snippet);
    }
    return snippets;
  }

  async #of(
    document: vscode.TextDocument,
    symbol: ImportedSymbol,
    timeoutMs: number,
  ): Promise<Snippet | undefined> {
    const key = `${document.uri.toString()}\n${symbol.name}\n${symbol.statement}`;
    if (this.#cache.has(key)) return this.#cache.get(key);
    const work = find(document, symbol);
    const snippet = await withTimeout(work, timeoutMs, systemClock);
    if (this.#cache.size >= limits.cached) this.#cache.clear();
    this.#cache.set(key, snippet);
    return snippet;
  }
}

async function find(
  document: vscode.TextDocument,
  { line, character }: ImportedSymbol,
): Promise<Snippet | undefined> {
  const found = await vscode.commands.executeCommand<readonly Found[] | undefined>(
    'vscode.executeDefinitionProvider',
    document.uri,
    new vscode.Position(line, character),
  );
  const target = found?.map(targetOf).find(({ uri }) => uri.path !== document.uri.path);
  if (!target || target.uri.scheme !== 'file') return undefined;
  const text = await readText(target.uri);
  const definition = text === undefined ? '' : definitionAt(text, target.line);
  return definition === '' ? undefined : { path: pathOf(target.uri), text: definition };
}

function targetOf(found: Found): { readonly uri: vscode.Uri; readonly line: number } {
  return 'targetUri' in found
    ? { uri: found.targetUri, line: found.targetRange.start.line }
    : { uri: found.uri, line: found.range.start.line };
}

/** Not opened as a document: language extensions need not hear of it. */
async function readText(uri: vscode.Uri): Promise<string | undefined> {
  const { size } = await vscode.workspace.fs.stat(uri);
  if (size > limits.fileBytes) return undefined;
  return new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
}

function linesAround(document: vscode.TextDocument, line: number): readonly string[] {
  const first = Math.max(0, line - limits.linesAround);
  const last = Math.min(document.lineCount, line + limits.linesAround);
  return document.getText(new vscode.Range(first, 0, last, 0)).split(/\r?\n/);
}
