/** A name that an import brings into a file, and where it stands there. */
export interface ImportedSymbol {
  readonly name: string;
  readonly line: number;
  readonly character: number;
  /** The import's text: when it changes, the name may mean something else. */
  readonly statement: string;
}

/** One import of a language: `names` is the group of the match that holds the imported names. */
const imports: Readonly<Record<string, RegExp>> = {
  script: /^\s*import\s+(?:type\s+)?(?<names>[^'";]*?)\s*from\s*['"][^'"]+['"]/gm,
  python: /^\s*from\s+[\w.]+\s+import\s+(?<names>\([^)]*\)|[^\n#]+)/gm,
  java: /^\s*import\s+(?:static\s+)?(?:[\w]+\.)+(?<names>\w+)\s*;?/gm,
  rust: /^\s*(?:pub\s+)?use\s+(?:\w+::)*(?<names>\w+|\{[^}]*\})\s*;/gm,
  csharp: /^\s*using\s+(?:static\s+)?(?:[\w]+\.)*(?<names>\w+)\s*;/gm,
};

const grammars: Readonly<Record<string, keyof typeof imports>> = {
  typescript: 'script',
  typescriptreact: 'script',
  javascript: 'script',
  javascriptreact: 'script',
  vue: 'script',
  svelte: 'script',
  python: 'python',
  java: 'java',
  kotlin: 'java',
  scala: 'java',
  rust: 'rust',
  csharp: 'csharp',
};

const notNames = new Set(['as', 'type', 'self', 'typeof']);

/** Imports stand at the top: this much of a file is looked at, in characters. */
const headChars = 20_000;

/** The imported names of a file, in its order; none where the language is not known. */
export function importedSymbols(text: string, languageId: string): readonly ImportedSymbol[] {
  const pattern = imports[grammars[languageId] ?? ''];
  if (pattern === undefined) return [];
  const head = text.slice(0, headChars);
  return [...head.matchAll(pattern)].flatMap((match) => {
    const names = match.groups?.['names'] ?? '';
    const offset = match.index + match[0].lastIndexOf(names);
    return localNames(names).map(({ name, at }) => ({
      name,
      ...positionOf(head, offset + at),
      statement: match[0].trim(),
    }));
  });
}

/** Those of the names that stand near a line, most often used first. */
export function usedNear(
  symbols: readonly ImportedSymbol[],
  lines: readonly string[],
  most: number,
): readonly ImportedSymbol[] {
  const words = lines.join('\n').match(/\w+/g) ?? [];
  const uses = (name: string): number => words.filter((word) => word === name).length;
  return symbols
    .map((symbol) => ({ symbol, count: uses(symbol.name) }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count)
    .slice(0, most)
    .map(({ symbol }) => symbol);
}

/** `a as b` brings `b`. */
function localNames(names: string): readonly { readonly name: string; readonly at: number }[] {
  return [...names.matchAll(/[^,{}()]+/g)].flatMap(({ 0: part, index }) => {
    const words = [...part.matchAll(/[A-Za-z_$][\w$]*/g)].filter(([word]) => !notNames.has(word));
    const last = words.at(-1);
    return last ? [{ name: last[0], at: index + last.index }] : [];
  });
}

function positionOf(
  text: string,
  offset: number,
): { readonly line: number; readonly character: number } {
  const before = text.slice(0, offset);
  const line = before.split('\n').length - 1;
  return { line, character: offset - (before.lastIndexOf('\n') + 1) };
}
