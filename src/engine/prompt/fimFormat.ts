/**
 * How a model wants to be asked for what stands between a prefix and a suffix. Found out from its vocabulary and GGUF
 * metadata, never from its file's name.
 */
import type { ModelInfo } from '../../../native/index.js';

/** `P` and `S` are the text before and after the gap, the others are tokens. What was typed (L) always stands last. */
export type FimPart = 'prefix' | 'suffix' | 'middle' | 'P' | 'S';

interface FimTokens {
  readonly prefix: number;
  readonly suffix: number;
  /** Absent where the text before the gap simply goes on (Codestral). */
  readonly middle: number | undefined;
}

export interface FimFormat {
  readonly tokens: FimTokens;
  readonly order: readonly FimPart[];
}

/** What the base and the blocks above it are made with. */
export interface RepositoryTokens {
  readonly repository: number | undefined;
  readonly fileSeparator: number | undefined;
}

/** The id of a special token by its exact name. */
export type FindSpecial = (name: string) => number | undefined;

type Vocabulary = Pick<ModelInfo, 'tokens' | 'metadata'>;

/** Prefix, suffix, middle, as most models were trained. */
const prefixFirst: readonly FimPart[] = ['prefix', 'P', 'suffix', 'S', 'middle'];
/** Suffix, prefix, middle, each behind its own token. */
const suffixFirst: readonly FimPart[] = ['suffix', 'S', 'prefix', 'P', 'middle'];
/** Code Llama's second format, which half of its training had: the text before the gap stands last and goes on. */
const suffixThenText: readonly FimPart[] = ['prefix', 'suffix', 'S', 'middle', 'P'];

/** Formats that llama.cpp does not know by itself; a model's name in its metadata must match where tokens are shared. */
const namedFormats: readonly {
  readonly names: readonly [prefix: string, suffix: string, middle: string | undefined];
  readonly order: readonly FimPart[];
  readonly model?: RegExp;
}[] = [
  // Seed-Coder
  { names: ['<[fim-prefix]>', '<[fim-suffix]>', '<[fim-middle]>'], order: suffixFirst },
  // Codestral: other models of the same vocabulary never saw these tokens.
  {
    names: ['[PREFIX]', '[SUFFIX]', undefined],
    order: ['suffix', 'S', 'prefix', 'P'],
    model: /code|codestral|devstral/i,
  },
];

/** Models that were trained on the suffix first although their tokens are those of models that were not. */
const suffixFirstModels = /mellum/i;

/** `undefined` when the model cannot fill in: then it goes on from the prefix. */
export function findFimFormat(model: Vocabulary, find: FindSpecial): FimFormat | undefined {
  const { fimPrefix: prefix, fimSuffix: suffix, fimMiddle: middle } = model.tokens;
  if (prefix >= 0 && suffix >= 0 && middle >= 0)
    return { tokens: { prefix, suffix, middle }, order: knownOrder(model, prefix, find) };
  for (const { names, order, model: wanted } of namedFormats) {
    if (wanted !== undefined && !wanted.test(modelName(model))) continue;
    const format = namedFormat(names, order, find);
    if (format !== undefined) return format;
  }
  return undefined;
}

function knownOrder(model: Vocabulary, prefix: number, find: FindSpecial): readonly FimPart[] {
  if (find('▁<PRE>') === prefix) return suffixThenText;
  return suffixFirstModels.test(modelName(model)) ? suffixFirst : prefixFirst;
}

function namedFormat(
  [prefixName, suffixName, middleName]: (typeof namedFormats)[number]['names'],
  order: readonly FimPart[],
  find: FindSpecial,
): FimFormat | undefined {
  const prefix = find(prefixName);
  const suffix = find(suffixName);
  const middle = middleName === undefined ? undefined : find(middleName);
  if (prefix === undefined || suffix === undefined) return undefined;
  if (middleName !== undefined && middle === undefined) return undefined;
  return { tokens: { prefix, suffix, middle }, order };
}

function modelName({ metadata }: Vocabulary): string {
  const keys = ['general.name', 'general.basename', 'general.finetune', 'general.tags'];
  return keys.map((key) => metadata[key] ?? '').join(' ');
}

/** Qwen; StarCoder2; StarCoder and Granite; Granite 4; CodeGemma. */
const separatorNames = [
  '<|file_sep|>',
  '<file_sep>',
  '<filename>',
  '<|filename|>',
  '<|file_separator|>',
];
const repositoryNames = ['<|repo_name|>', '<repo_name>', '<reponame>', '<|reponame|>'];

export function findRepositoryTokens(model: Vocabulary, find: FindSpecial): RepositoryTokens {
  const { fimRepository, fimSeparator } = model.tokens;
  return {
    repository: fimRepository >= 0 ? fimRepository : firstOf(repositoryNames, find),
    fileSeparator: fimSeparator >= 0 ? fimSeparator : firstOf(separatorNames, find),
  };
}

function firstOf(names: readonly string[], find: FindSpecial): number | undefined {
  for (const name of names) {
    const id = find(name);
    if (id !== undefined) return id;
  }
  return undefined;
}
