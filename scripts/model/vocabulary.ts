import { type Bpe, trainBpe } from './bpe.ts';
import { VOCABULARY_TEXT } from './corpus.ts';
import type { GgufValue } from './gguf-writer.ts';

/** Qwen2.5-Coder's control tokens, in its order. */
export const CONTROL_TOKENS = [
  '<|endoftext|>',
  '<|im_start|>',
  '<|im_end|>',
  '<|fim_prefix|>',
  '<|fim_middle|>',
  '<|fim_suffix|>',
  '<|fim_pad|>',
  '<|repo_name|>',
  '<|file_sep|>',
] as const;

export type ControlToken = (typeof CONTROL_TOKENS)[number];

/** Metadata keys that name a control token by its id. */
export const TOKEN_ID_KEYS: readonly (readonly [key: string, token: ControlToken])[] = [
  ['eos', '<|im_end|>'],
  ['eot', '<|im_end|>'],
  ['bos', '<|endoftext|>'],
  ['padding', '<|endoftext|>'],
  ['fim_pre', '<|fim_prefix|>'],
  ['fim_suf', '<|fim_suffix|>'],
  ['fim_mid', '<|fim_middle|>'],
  ['fim_pad', '<|fim_pad|>'],
  ['fim_rep', '<|repo_name|>'],
  ['fim_sep', '<|file_sep|>'],
];

export const CHAT_TEMPLATE = [
  "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}",
  "{{ '<|im_start|>system\nYou are a helpful assistant<|im_end|>\n' }}{% endif %}",
  "{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}",
  "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}",
].join('');

const N_MERGES = 2000;
const TOKEN_NORMAL = 1;
const TOKEN_CONTROL = 3;

export interface Vocabulary {
  readonly bpe: Bpe;
  /** Every token by id: bytes, merges, then control tokens. */
  readonly tokens: readonly string[];
  readonly controlId: (token: ControlToken) => number;
}

/** Learns the stand-in model's vocabulary; always the same one. */
export function makeVocabulary(): Vocabulary {
  const bpe = trainBpe(VOCABULARY_TEXT, N_MERGES);
  return {
    bpe,
    tokens: [...bpe.tokens, ...CONTROL_TOKENS],
    controlId: (token) => bpe.tokens.length + CONTROL_TOKENS.indexOf(token),
  };
}

/** The `tokenizer.*` metadata of a vocabulary. */
export function vocabularyMetadata(vocabulary: Vocabulary): [string, GgufValue][] {
  const { bpe, tokens, controlId } = vocabulary;
  const types = tokens.map((_, id) => (id < bpe.tokens.length ? TOKEN_NORMAL : TOKEN_CONTROL));
  return [
    ['tokenizer.ggml.model', { kind: 'string', value: 'gpt2' }],
    ['tokenizer.ggml.pre', { kind: 'string', value: 'qwen2' }],
    ['tokenizer.ggml.tokens', { kind: 'strings', value: tokens }],
    ['tokenizer.ggml.token_type', { kind: 'i32s', value: types }],
    ['tokenizer.ggml.merges', { kind: 'strings', value: bpe.merges }],
    ...TOKEN_ID_KEYS.map(([key, token]): [string, GgufValue] => [
      `tokenizer.ggml.${key}_token_id`,
      { kind: 'u32', value: controlId(token) },
    ]),
    ['tokenizer.ggml.add_bos_token', { kind: 'bool', value: false }],
    ['tokenizer.ggml.add_eos_token', { kind: 'bool', value: false }],
    ['tokenizer.chat_template', { kind: 'string', value: CHAT_TEMPLATE }],
  ];
}
