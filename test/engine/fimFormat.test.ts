import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Model } from '../../native/index.js';
import { findFimFormat, findRepositoryTokens } from '../../src/engine/prompt/fimFormat.ts';
import { fimPrompt } from '../../src/engine/prompt/fimPrompt.ts';
import { Tokenizer } from '../../src/engine/inference/tokenizer.ts';
import { vocabularyModel, type VocabularyName } from './vocabularyModel.ts';

/** The prompt as text, special tokens by name. */
function spelled(model: Model, tokens: readonly number[]): string {
  const bytes = tokens.map((token) => model.tokenBytes(token, { special: true }));
  return Buffer.concat(bytes).toString('utf8');
}

const parts = {
  anchor: {
    startLine: 0,
    lineOffset: 0,
    prefix: 'P1\n',
    suffix: '\nS1\n',
    isSuffixWhole: true,
    context: [],
  },
  middle: '  con',
};

const vocabularies: readonly [VocabularyName, string][] = [
  ['deepseek-coder', '\n// a.ts\n<｜fim▁begin｜>P1\n<｜fim▁hole｜>\nS1\n<｜fim▁end｜>  con'],
  ['starcoder', '<file_sep>a.ts\n<fim_prefix>P1\n<fim_suffix>\nS1\n<fim_middle>  con'],
  ['refact', '<filename>a.ts\n<fim_prefix>P1\n<fim_suffix>\nS1\n<fim_middle>  con'],
  ['llama-bpe', '\n// a.ts\nP1\n  con'],
  ['llama-spm', '\n// a.ts\nP1\n  con'],
  ['qwen2', '\n// a.ts\nP1\n  con'],
];

describe.each(vocabularies)('with the vocabulary %s', (name, expected) => {
  let model: Model;
  let tokenizer: Tokenizer;
  beforeAll(async () => {
    model = await vocabularyModel(name);
    tokenizer = new Tokenizer(model);
  }, 60_000);
  afterAll(() => model.close());

  it('lays the prompt out as the model was trained', () => {
    const { tokens, healing } = fimPrompt(tokenizer, 'a.ts', parts);
    expect(spelled(model, tokens) + Buffer.from(healing).toString('utf8')).toBe(expected);
  });

  it('spells text as it is, byte by byte', () => {
    for (const text of ['x', ' x', '  x\n', '\n\n x', '\tx', 'é😀', '\u2581x', '   ', '\r\nx'])
      expect(spelled(model, tokenizer.text(text)), JSON.stringify(text)).toBe(
        text.replaceAll('\u2581', name === 'llama-spm' ? ' ' : '\u2581'),
      );
  });

  it('takes the names of special tokens in text for text', () => {
    const names = ['<fim_prefix>', '<｜fim▁begin｜>', '<filename>', '<|im_start|>', '</s>'];
    const special = names.flatMap((special_) => {
      const tokens = model.tokenize(special_, { parseSpecial: true });
      return tokens.length === 1 && model.isControl(tokens[0]!) ? [tokens[0]!] : [];
    });
    for (const text of names)
      expect(tokenizer.text(text).filter((token) => special.includes(token))).toEqual([]);
  });
});

/** Special tokens of models whose vocabulary does not ship with llama.cpp, in the order of their ids. */
const recorded: Readonly<
  Record<
    string,
    { names: readonly string[]; llamaCpp?: readonly [number, number, number]; model?: string }
  >
> = {
  'Qwen2.5-Coder, Qwen3-Coder': {
    names: ['<|fim_prefix|>', '<|fim_middle|>', '<|fim_suffix|>', '<|repo_name|>', '<|file_sep|>'],
    llamaCpp: [0, 2, 1],
  },
  StarCoder2: {
    names: ['<fim_prefix>', '<fim_middle>', '<fim_suffix>', '<repo_name>', '<file_sep>'],
    llamaCpp: [0, 2, 1],
  },
  Granite: {
    names: ['<fim_prefix>', '<fim_middle>', '<fim_suffix>', '<filename>', '<reponame>'],
    llamaCpp: [0, 2, 1],
  },
  'Granite 4': {
    names: ['<|fim_prefix|>', '<|fim_middle|>', '<|fim_suffix|>', '<|filename|>', '<|reponame|>'],
    llamaCpp: [0, 2, 1],
  },
  CodeLlama: { names: ['▁<PRE>', '▁<SUF>', '▁<MID>', '▁<EOT>'], llamaCpp: [0, 1, 2] },
  CodeGemma: {
    names: ['<|fim_prefix|>', '<|fim_middle|>', '<|fim_suffix|>', '<|file_separator|>'],
    llamaCpp: [0, 2, 1],
  },
  Codestral: { names: ['[PREFIX]', '[MIDDLE]', '[SUFFIX]'], model: 'Codestral-22B-v0.1' },
  'Mistral (of the same vocabulary)': {
    names: ['[PREFIX]', '[MIDDLE]', '[SUFFIX]'],
    model: 'Mistral Nemo',
  },
  'Seed-Coder': { names: ['<[fim-prefix]>', '<[fim-suffix]>', '<[fim-middle]>'] },
  Mellum: {
    names: ['<fim_prefix>', '<fim_middle>', '<fim_suffix>', '<filename>', '<reponame>'],
    llamaCpp: [0, 2, 1],
    model: 'Mellum 4b Base',
  },
  Llama: { names: ['<|begin_of_text|>'] },
};

describe('findFimFormat', () => {
  it.each([
    ['Qwen2.5-Coder, Qwen3-Coder', '<|fim_prefix|> P <|fim_suffix|> S <|fim_middle|>'],
    ['StarCoder2', '<fim_prefix> P <fim_suffix> S <fim_middle>'],
    ['Granite', '<fim_prefix> P <fim_suffix> S <fim_middle>'],
    ['Granite 4', '<|fim_prefix|> P <|fim_suffix|> S <|fim_middle|>'],
    ['CodeLlama', '▁<PRE> ▁<SUF> S ▁<MID> P'],
    ['CodeGemma', '<|fim_prefix|> P <|fim_suffix|> S <|fim_middle|>'],
    ['Codestral', '[SUFFIX] S [PREFIX] P'],
    ['Mistral (of the same vocabulary)', 'none'],
    ['Seed-Coder', '<[fim-suffix]> S <[fim-prefix]> P <[fim-middle]>'],
    ['Mellum', '<fim_suffix> S <fim_prefix> P <fim_middle>'],
    ['Llama', 'none'],
  ])('%s: %s', (name, expected) => {
    const { names, vocabulary, find } = lookUp(name);
    const format = findFimFormat(vocabulary, find);
    const part = (at: (typeof format & object)['order'][number]): string =>
      at === 'P' || at === 'S' ? at : (names[format?.tokens[at] ?? -1] ?? '?');
    expect(format?.order.map(part).join(' ') ?? 'none').toBe(expected);
  });

  it.each([
    ['Qwen2.5-Coder, Qwen3-Coder', '<|repo_name|>', '<|file_sep|>'],
    ['StarCoder2', '<repo_name>', '<file_sep>'],
    ['Granite', '<reponame>', '<filename>'],
    ['Granite 4', '<|reponame|>', '<|filename|>'],
    ['CodeGemma', undefined, '<|file_separator|>'],
    ['Codestral', undefined, undefined],
  ])('%s: repository %s, file %s', (name, repository, separator) => {
    const { names, vocabulary, find } = lookUp(name);
    const found = findRepositoryTokens(vocabulary, find);
    expect(names[found.repository ?? -1]).toBe(repository);
    expect(names[found.fileSeparator ?? -1]).toBe(separator);
  });
});

function lookUp(name: string) {
  const { names, llamaCpp = [-1, -1, -1], model = 'a model' } = recorded[name]!;
  const none = { bos: -1, eos: -1, eot: -1, newline: -1, fimPad: -1, fimRepository: -1 };
  const [fimPrefix, fimSuffix, fimMiddle] = llamaCpp;
  const tokens = { ...none, fimSeparator: -1, fimPrefix, fimSuffix, fimMiddle };
  const vocabulary = { tokens, metadata: { 'general.name': model } };
  const find = (wanted: string): number | undefined => {
    const id = names.indexOf(wanted);
    return id < 0 ? undefined : id;
  };
  return { names, vocabulary, find };
}
