/** The base prompt: the repository-level format of the FIM models, without a time, a random number or an absolute path. */
import type { ProjectContext } from '../../project/projectContext.ts';
import type { Tokenizer } from '../inference/tokenizer.ts';
import type { TokensOfText } from './textMemory.ts';

export interface BasePrompt {
  readonly tokens: readonly number[];
  /** Where layers end, ascending, the last one at the end of the tokens: what comes later changes more often. */
  readonly layerEnds: readonly number[];
}

/** The base session's prompt; at most `limit` tokens, cut at item boundaries. `textTokens` may remember. */
export function basePrompt(
  tokenizer: Tokenizer,
  context: ProjectContext,
  limit: number,
  textTokens: TokensOfText = (text) => tokenizer.text(text),
): BasePrompt {
  const tokens: number[] = [...tokenizer.start, ...repositoryHeader(tokenizer, context.repoName)];
  const ends = new Map<string, number>();
  for (const item of context.items) {
    const block = fileBlock(tokenizer, item.path, item.text, textTokens);
    if (tokens.length + block.length > limit) continue;
    for (const token of block) tokens.push(token);
    ends.set(item.layer, tokens.length);
  }
  return { tokens, layerEnds: [...ends.values()] };
}

/** Tokens that text takes in the base; the collector adds the path and a separator itself. */
export function countTokens(
  tokenizer: Tokenizer,
  text: string,
  textTokens: TokensOfText = (one) => tokenizer.text(one),
): number {
  const { length } = textTokens(text);
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

function fileBlock(
  tokenizer: Tokenizer,
  path: string,
  text: string,
  textTokens: TokensOfText,
): readonly number[] {
  const { fileSeparator } = tokenizer;
  const body = textTokens(`${path}\n${text.endsWith('\n') ? text : text + '\n'}`);
  return fileSeparator === undefined
    ? tokenizer.text(`\n// ${path}\n`).concat(body)
    : [fileSeparator, ...body];
}

/**
 * Share of the wanted base that the present one lacks: 0 for the same content in whatever order, 1 for nothing in
 * common. Measured in runs of a few tokens, so that one edited line counts as a line and not as its whole file.
 */
export function staleShare(wanted: readonly number[], present: readonly number[]): number {
  const wantedRuns = runs(wanted);
  if (wantedRuns.length === 0) return 0;
  const have = new Set(runs(present));
  const missing = wantedRuns.filter((run) => !have.has(run)).length;
  return missing / wantedRuns.length;
}

/** Long enough to be telling, short enough for a change not to spread. */
const runTokens = 8;

function runs(tokens: readonly number[]): string[] {
  const count = tokens.length === 0 ? 0 : Math.max(1, tokens.length - runTokens + 1);
  return Array.from({ length: count }, (_, at) => tokens.slice(at, at + runTokens).join(','));
}
