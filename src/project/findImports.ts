/** What one file's import lines mention. */
export interface Imports {
  /** Quoted specifiers that are looked for from the file's own folder. */
  readonly relative: readonly string[];
  /** Names that may be those of files: last parts of other specifiers, words of unquoted lines. */
  readonly names: readonly string[];
}

/**
 * What a file imports, found by the look of its lines in any of the common languages. Only a
 * heuristic: it ranks files and proves nothing.
 */
export function findImports(text: string): Imports {
  const relative = new Set<string>();
  const names = new Set<string>();
  for (const line of text.split('\n')) {
    if (line.length > MAX_LINE || !IMPORT_LINE.test(line)) continue;
    const quoted = [...line.matchAll(QUOTED)].map((match) => match[1] ?? '');
    const isRelative = INCLUDE.test(line);
    for (const specifier of quoted) {
      if (isRelative || specifier.startsWith('.')) relative.add(specifier);
      if (isRelative || specifier.includes('/')) names.add(lastPart(specifier));
    }
    if (quoted.length > 0 || line.includes('<')) continue;
    for (const word of line.match(WORD) ?? []) if (!KEYWORDS.has(word)) names.add(word);
  }
  return { relative: [...relative], names: [...names] };
}

const QUOTED = /["']([\w@.$~#/\\ +-]+)["']/gu;
const WORD = /[\p{L}_][\p{L}\p{N}_]*/gu;

const KEYWORDS: ReadonlySet<string> = new Set([
  ...['import', 'from', 'type', 'use', 'using', 'mod', 'as', 'static', 'pub', 'crate', 'self'],
  ...['super', 'export', 'default', 'require', 'include', 'package', 'open', 'load', 'source'],
  ...['namespace', 'function', 'const', 'final', 'global', 'typeof', 'java', 'org', 'com', 'std'],
]);

const MAX_LINE = 400;

const IMPORT_LINE =
  /^\s*(?:(?:pub(?:\([a-z]+\))?\s+|export\s+)?(?:import|from|use|using|mod|include|require|require_relative|load|open|source)\b|#\s*(?:include|import)\b|export\s.*\bfrom\b|\}?.*\bfrom\s+["']|.*\b(?:require|import)\s*\(\s*["']|["'][\w./-]+["']$)/u;

/** Lines whose quoted names are looked for beside the file, then along a search path. */
const INCLUDE = /^\s*#\s*(?:include|import)\b|require_relative/u;

/** The last part of a specifier: the name of a file or folder. */
export function lastPart(specifier: string): string {
  return specifier.slice(specifier.lastIndexOf('/') + 1);
}
