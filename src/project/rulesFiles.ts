/** Files that say how code is to look, in lower case below a root. */
export const FORMAT_FILES = [
  '.editorconfig',
  '.prettierrc',
  '.prettierrc.json',
  '.clang-format',
  'rustfmt.toml',
  '.rustfmt.toml',
] as const;

/** Files that tell people and assistants how work is done, the most important first. */
export const RULES_FILES = [
  'agents.md',
  '.github/copilot-instructions.md',
  'claude.md',
  '.cursorrules',
  'contributing.md',
] as const;

/**
 * Whether a file tells an assistant what to do, or how the editor behaves. What stands in it is not
 * read in a workspace that is not trusted. `path` is relative to its root.
 */
export function isRulesFile(path: string): boolean {
  const lower = path.toLowerCase();
  const name = lower.slice(lower.lastIndexOf('/') + 1);
  if (/^(?:\.vscode|\.cursor)\/|(?:^|\/)\.vscode\//u.test(lower)) return true;
  if (/\.(?:instructions|prompt|chatmode)\.md$/u.test(lower)) return true;
  return [...RULES_FILES, ...FORMAT_FILES].some((one) => one === lower || one === name);
}
