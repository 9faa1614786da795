/** The base prompt: the repository-level format of the FIM models, without a time, a random number or an absolute path. */
import type { ProjectContext } from '../../project/projectContext.ts';
import type { Tokenizer } from '../tokenizer.ts';

/** Tokens of the base session; at most `limit`, cut at item boundaries. */
export function basePrompt(
  tokenizer: Tokenizer,
  context: ProjectContext,
  limit: number,
): readonly number[] {
  const tokens: number[] = [...tokenizer.start, ...repositoryHeader(tokenizer, context.repoName)];
  for (const item of context.items) {
    const block = fileBlock(tokenizer, item.path, item.text);
    if (tokens.length + block.length > limit) continue;
    for (const token of block) tokens.push(token);
  }
  return tokens;
}

/** Tokens that text takes in the base; the collector adds the path and a separator itself. */
export function countTokens(tokenizer: Tokenizer, text: string): number {
  const { length } = tokenizer.text(text);
  return tokenizer.fileSeparator === undefined ? length + plainHeaderTokens : length;
}

/** A generous estimate of the comment that stands in for a file separator. */
const plainHeaderTokens = 24;

function repositoryHeader(tokenizer: Tokenizer, name: string): readonly number[] {
  const { repository } = tokenizer;
  return repository === undefined
    ? tokenizer.text(`// Repository: ${name}\n`)
    : [repository, ...tokenizer.text(name)];
}

function fileBlock(tokenizer: Tokenizer, path: string, text: string): readonly number[] {
  const { fileSeparator } = tokenizer;
  const body = tokenizer.text(`${path}\n${text.endsWith('\n') ? text : text + '\n'}`);
  return fileSeparator === undefined
    ? tokenizer.text(`\n// ${path}\n`).concat(body)
    : [fileSeparator, ...body];
}

/**
 * Share of the wanted base that the present one lacks, by whole blocks: 0 for the same content, 1 for nothing in
 * common. Blocks are what stands between file separators.
 */
export function staleShare(
  wanted: readonly number[],
  present: readonly number[],
  separator: number | undefined,
): number {
  if (wanted.length === 0) return 0;
  const have = new Set(splitBlocks(present, separator));
  let missing = 0;
  for (const block of splitBlocks(wanted, separator)) {
    if (!have.has(block)) missing += block.split(',').length;
  }
  return Math.min(1, missing / wanted.length);
}

function splitBlocks(tokens: readonly number[], separator: number | undefined): string[] {
  const blocks: string[] = [];
  let start = 0;
  for (let at = 1; at <= tokens.length; at++) {
    if (at < tokens.length && tokens[at] !== separator) continue;
    blocks.push(tokens.slice(start, at).join(','));
    start = at;
  }
  return blocks;
}
