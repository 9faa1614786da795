/**
 * What a host knows besides the document: blocks between the base and the document, each under its path as in the base.
 * What changes often stands last, so that the cells before it serve on.
 */
import { redactSecrets } from '../../project/redactSecrets.ts';
import { isSecretPath } from '../../project/secretPaths.ts';
import type { CompletionContext, DiagnosticNote, Snippet } from '../../protocol/requests.ts';
import type { Tokenizer } from '../inference/tokenizer.ts';
import { fileHeader } from './fimPrompt.ts';

/** Parts of the budget; what one kind leaves the next may use. In the order of the prompt. */
const shares = {
  definitions: 0.4,
  openEditors: 0.25,
  recentEdits: 0.25,
  diagnostics: 0.1,
} as const;
/** A piece of a snippet that is shorter than this says too little. */
const leastTokens = 24;

/** Tokens of the blocks, at most `budgetTokens`. `path` is the document's own, under which diagnostics stand. */
export function contextBlocks(
  tokenizer: Tokenizer,
  path: string,
  context: CompletionContext | undefined,
  budgetTokens: number,
): readonly number[] {
  if (context === undefined || budgetTokens < leastTokens) return [];
  const tokens: number[] = [];
  let allowed = 0;
  const add = (share: number, snippets: readonly Snippet[]): void => {
    allowed += share * budgetTokens;
    const blocks: (readonly number[])[] = [];
    for (const snippet of snippets) {
      const used = blocks.reduce((sum, { length }) => sum + length, tokens.length);
      const block = snippetBlock(tokenizer, snippet, Math.floor(allowed) - used);
      if (block.length > 0) blocks.push(block);
    }
    // What matters most stands nearest to the document.
    tokens.push(...blocks.reverse().flat());
  };
  add(shares.definitions, context.definitions ?? []);
  add(shares.openEditors, context.openEditors ?? []);
  add(shares.recentEdits, context.recentEdits ?? []);
  add(shares.diagnostics, diagnosticsOf(path, context.diagnostics ?? []));
  return tokens;
}

function snippetBlock(tokenizer: Tokenizer, { path, text }: Snippet, room: number): number[] {
  if (isSecretPath(path) || text.trim() === '') return [];
  const block = [...fileHeader(tokenizer, path)];
  const lines = redactSecrets(text, path).text.trimEnd().split('\n');
  const headTokens = block.length;
  for (const line of lines) {
    const tokens = tokenizer.text(`${line}\n`);
    if (block.length + tokens.length > room) break;
    block.push(...tokens);
  }
  const isWhole = block.length > headTokens && room >= block.length;
  return isWhole && (block.length >= leastTokens || lines.length < 3) ? block : [];
}

function diagnosticsOf(path: string, notes: readonly DiagnosticNote[]): readonly Snippet[] {
  if (notes.length === 0) return [];
  const line = ({ line: at, severity, message }: DiagnosticNote): string =>
    `line ${at + 1}: ${severity}: ${message.replace(/\s+/g, ' ').slice(0, 200)}`;
  return [{ path: `${path} (problems)`, text: notes.map(line).join('\n') }];
}
