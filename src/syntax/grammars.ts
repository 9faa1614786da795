/** Tree-sitter parsers by language. A grammar is loaded when it is asked for first, in some 10 to 100 ms. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type * as treeSitter from '@vscode/tree-sitter-wasm';
import { findGrammarFiles, grammarName, type GrammarFiles } from './grammarFiles.ts';

export type Parser = treeSitter.Parser;
export type SyntaxNode = treeSitter.Node;

const parsers = new Map<string, Promise<Parser | undefined>>();
let runtime: Promise<typeof treeSitter> | undefined;

/**
 * The parser for a language id of VS Code, the same one each time; `undefined` where there is no grammar for it.
 * Parsing is synchronous, so callers may share it; trees are the caller's to `delete()`. Never rejects: a grammar that
 * cannot be loaded is one that is not there.
 */
export function loadGrammar(languageId: string): Promise<Parser | undefined> {
  const name = grammarName(languageId);
  if (name === undefined) return Promise.resolve(undefined);
  let parser = parsers.get(name);
  if (parser === undefined) {
    parser = load(name).catch(() => undefined);
    parsers.set(name, parser);
  }
  return parser;
}

async function load(name: string): Promise<Parser | undefined> {
  const files = findGrammarFiles();
  if (files === undefined) return undefined;
  runtime ??= startRuntime(files);
  const { Language, Parser } = await runtime;
  const language = await Language.load(await readFile(files.wasm(`tree-sitter-${name}.wasm`)));
  return new Parser().setLanguage(language);
}

async function startRuntime(files: GrammarFiles): Promise<typeof treeSitter> {
  const module = createRequire(import.meta.url)(files.runtime) as typeof treeSitter;
  await module.Parser.init({ locateFile: (file) => files.wasm(file) });
  return module;
}
