/** Where the tree-sitter runtime and its grammars are, and which grammar parses which language. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** VS Code's language ids → the grammar's name. C is parsed as C++, which it nearly is. */
const grammarNames: Readonly<Record<string, string>> = {
  typescript: 'typescript',
  typescriptreact: 'tsx',
  tsx: 'tsx',
  javascript: 'javascript',
  javascriptreact: 'javascript',
  python: 'python',
  go: 'go',
  rust: 'rust',
  java: 'java',
  c: 'cpp',
  cpp: 'cpp',
  'cuda-cpp': 'cpp',
  'objective-cpp': 'cpp',
  csharp: 'c-sharp',
  ruby: 'ruby',
  php: 'php',
  shellscript: 'bash',
  css: 'css',
};

export function grammarName(languageId: string): string | undefined {
  return Object.hasOwn(grammarNames, languageId) ? grammarNames[languageId] : undefined;
}

/** The grammars that a package must hold. */
export function allGrammarNames(): readonly string[] {
  return [...new Set(Object.values(grammarNames))].sort();
}

export interface GrammarFiles {
  /** CommonJS. */
  readonly runtime: string;
  readonly wasm: (name: string) => string;
}

/** The files packaged beside the bundle, else those of the npm package; `undefined` when they are nowhere. */
export function findGrammarFiles(): GrammarFiles | undefined {
  const here = dirname(fileURLToPath(import.meta.url));
  const npm = ['node_modules', '@vscode', 'tree-sitter-wasm', 'wasm'];
  const candidates = [
    join(here, 'syntax', 'tree-sitter.cjs'), // packaged
    join(here, '..', ...npm, 'tree-sitter.js'), // a bundle in the repository
    join(here, '..', '..', ...npm, 'tree-sitter.js'), // the sources
  ];
  const runtime = candidates.find((path) => existsSync(path));
  if (runtime === undefined) return undefined;
  return { runtime, wasm: (name) => join(dirname(runtime), name) };
}
