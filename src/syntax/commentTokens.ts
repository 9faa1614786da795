/** How comments and strings are written, by VS Code's language ids. */

export interface CommentTokens {
  readonly line: readonly string[];
  /** Beginning and end. Doc strings count: they are finished like comments. */
  readonly blocks: readonly (readonly [begin: string, end: string])[];
  /** Quotes of strings that end with their line. */
  readonly quotes: string;
  /** Quotes of strings that go over lines. */
  readonly longQuotes: string;
}

const cLike: CommentTokens = { line: ['//'], blocks: [['/*', '*/']], quotes: `"'`, longQuotes: '' };
const script: CommentTokens = { ...cLike, longQuotes: '`' };
// A quote in Rust is a lifetime more often than not.
const rust: CommentTokens = { ...cLike, quotes: '', longQuotes: '"' };
const hash: CommentTokens = { line: ['#'], blocks: [], quotes: `"'`, longQuotes: '' };
const python: CommentTokens = {
  ...hash,
  blocks: [
    ['"""', '"""'],
    ["'''", "'''"],
  ],
};
const dashes: CommentTokens = {
  line: ['--'],
  blocks: [['/*', '*/']],
  quotes: `"'`,
  longQuotes: '',
};
const markup: CommentTokens = { line: [], blocks: [['<!--', '-->']], quotes: '', longQuotes: '' };
const styles: CommentTokens = { ...cLike, line: [] };
const none: CommentTokens = { line: [], blocks: [], quotes: '', longQuotes: '' };

const languages: readonly (readonly [CommentTokens, readonly string[]])[] = [
  [
    cLike,
    ['c', 'cpp', 'csharp', 'java', 'kotlin', 'scala', 'swift', 'dart', 'objective-c', 'jsonc'],
  ],
  [cLike, ['cuda-cpp', 'objective-cpp', 'groovy', 'proto3', 'zig', 'less', 'scss', 'glsl', 'hlsl']],
  [
    script,
    ['typescript', 'typescriptreact', 'javascript', 'javascriptreact', 'go', 'vue', 'svelte'],
  ],
  [rust, ['rust']],
  [{ ...cLike, line: ['//', '#'] }, ['php']],
  [
    hash,
    ['ruby', 'shellscript', 'yaml', 'dockercompose', 'toml', 'makefile', 'dockerfile', 'perl'],
  ],
  [hash, ['r', 'julia', 'elixir', 'powershell', 'cmake', 'properties', 'ignore', 'nix']],
  [python, ['python']],
  [dashes, ['sql', 'lua', 'haskell', 'elm', 'ada', 'vhdl']],
  [markup, ['html', 'xml', 'markdown', 'xsl']],
  [styles, ['css']],
  [{ ...none, line: [';'], quotes: '' }, ['clojure', 'lisp', 'scheme', 'ini']],
];

const byLanguage = new Map(languages.flatMap(([tokens, ids]) => ids.map((id) => [id, tokens])));

/** Of an unknown language nothing is a comment or a string. */
export function commentTokens(languageId: string): CommentTokens {
  return byLanguage.get(languageId) ?? none;
}
