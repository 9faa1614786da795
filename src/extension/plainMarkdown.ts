/**
 * Text as Markdown that shows just that, on one line. VS Code's own `appendText` joins words by spaces that do not
 * break, so that long sentences are cut within words.
 */
export function plainMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]()<>#+!|~$&-]/gu, '\\$&').replace(/\s+/gu, ' ');
}
