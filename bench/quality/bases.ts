/** What a base session holds, in the ways that are compared; all within the same budget of tokens. */
import { basePrompt, countTokens } from '../../src/engine/prompt/basePrompt.ts';
import type { Tokenizer } from '../../src/engine/inference/tokenizer.ts';
import { makeItem } from '../../src/project/contextItem.ts';
import { nodeProjectFiles } from '../../src/project/nodeProjectFiles.ts';
import { collectProjectContext } from '../../src/project/projectContext.ts';
import type { Repository } from './repositories.ts';

/** `naive`: whole files in the order of their paths until the budget is used. `project`: what Warmfork keeps warm. */
export const baseKinds = ['none', 'naive', 'project'] as const;
export type BaseKind = (typeof baseKinds)[number];

export interface BaseOptions {
  readonly budgetTokens: number;
  /** Files that cases are cut from: they must not be seen. */
  readonly heldOut: readonly string[];
}

/** Tokens of the base, which may be none at all. */
export async function baseTokens(
  kind: BaseKind,
  repository: Repository,
  tokenizer: Tokenizer,
  options: BaseOptions,
): Promise<readonly number[]> {
  switch (kind) {
    case 'none':
      return tokenizer.start;
    case 'naive':
      return naiveTokens(repository, tokenizer, options);
    case 'project':
      return projectTokens(repository, tokenizer, options);
  }
}

async function projectTokens(
  { name, root }: Repository,
  tokenizer: Tokenizer,
  { budgetTokens, heldOut }: BaseOptions,
): Promise<readonly number[]> {
  const context = await collectProjectContext(nodeProjectFiles([{ name, path: root }]), {
    repoName: name,
    filesExclude: heldOut.map(asGlob),
    countTokens: (text) => countTokens(tokenizer, text),
    budgetTokens,
  });
  return basePrompt(tokenizer, context, budgetTokens).tokens;
}

/** The last file is cut where the budget ends. */
function naiveTokens(
  { name, files }: Repository,
  tokenizer: Tokenizer,
  { budgetTokens, heldOut }: BaseOptions,
): readonly number[] {
  const draft = { layer: 'files', why: 'in the order of paths' } as const;
  const items = files
    .filter(({ path }) => !heldOut.includes(path))
    .map(({ path, text }) => makeItem({ ...draft, path, text }, () => 0));
  const context = { repoName: name, items, leftOut: [], rules: '' };
  const { tokens } = basePrompt(tokenizer, context, Number.MAX_SAFE_INTEGER);
  return tokens.slice(0, budgetTokens);
}

function asGlob(path: string): string {
  return path.replaceAll(/[*?[\]{}]/g, (character) => `[${character}]`);
}
