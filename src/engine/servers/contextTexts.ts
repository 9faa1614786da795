/** What a host knows besides the document, as text; the order and the shares are those of the local prompt's blocks. */
import { redactSecrets } from '../../project/redactSecrets.ts';
import { isSecretPath } from '../../project/secretPaths.ts';
import type { CompletionContext, DiagnosticNote, Snippet } from '../../protocol/requests.ts';
import type { TextBlock } from './fimText.ts';

const shares = {
  definitions: 0.4,
  openEditors: 0.25,
  recentEdits: 0.25,
  diagnostics: 0.1,
} as const;
/** A piece of a snippet that is shorter than this says too little. */
const leastChars = 80;

/** At most `budgetChars` in all. What changes often stands last; what one kind leaves the next may use. */
export function contextTexts(
  path: string,
  context: CompletionContext | undefined,
  budgetChars: number,
): readonly TextBlock[] {
  if (context === undefined) return [];
  const all: TextBlock[] = [];
  let left = 0;
  const add = (share: number, snippets: readonly Snippet[] = []): void => {
    left += share * budgetChars;
    const blocks: TextBlock[] = [];
    for (const snippet of snippets) {
      const block = blockOf(snippet, left);
      if (block === undefined) continue;
      blocks.push(block);
      left -= block.path.length + block.text.length;
    }
    all.push(...blocks.reverse()); // what matters most stands nearest to the document
  };
  add(shares.definitions, context.definitions);
  add(shares.openEditors, context.openEditors);
  add(shares.recentEdits, context.recentEdits);
  add(shares.diagnostics, problemsOf(path, context.diagnostics ?? []));
  return all;
}

/** Whole lines, from the beginning. */
function blockOf({ path, text }: Snippet, room: number): TextBlock | undefined {
  if (isSecretPath(path) || text.trim() === '') return undefined;
  const clean = `${redactSecrets(text, path).text.trimEnd()}\n`;
  const budget = Math.floor(room) - path.length;
  if (clean.length <= budget) return { path, text: clean };
  const cut = clean.slice(0, clean.lastIndexOf('\n', budget - 1) + 1);
  return budget >= leastChars && cut.length >= leastChars ? { path, text: cut } : undefined;
}

function problemsOf(path: string, notes: readonly DiagnosticNote[]): readonly Snippet[] {
  if (notes.length === 0) return [];
  const line = ({ line: at, severity, message }: DiagnosticNote): string =>
    `line ${at + 1}: ${severity}: ${message.replace(/\s+/g, ' ').slice(0, 200)}`;
  return [{ path: `${path} (problems)`, text: notes.map(line).join('\n') }];
}
