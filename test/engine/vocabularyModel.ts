/** Models with the real vocabularies that ship in llama.cpp's sources, and no weights to speak of. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readGgufFileInfo } from 'node-llama-cpp';
import type { Model } from '../../native/index.js';
import { writeGguf, type GgufTensor, type GgufValue } from '../../scripts/model/gguf-writer.ts';
import { inRoot } from '../../scripts/lib/paths.ts';
import { loadLlamaLibrary } from '../../src/engine/native/loadLlama.ts';

export type VocabularyName =
  'deepseek-coder' | 'llama-bpe' | 'llama-spm' | 'qwen2' | 'refact' | 'starcoder';

const folder = inRoot('build', 'vocabularies');
const embd = 32;

/** Loads a model with that vocabulary; made once, kept in `build`. The caller closes it. */
export async function vocabularyModel(name: VocabularyName): Promise<Model> {
  const path = join(folder, `${name}.gguf`);
  if (!existsSync(path)) await makeModel(name, path);
  const { native } = await loadLlamaLibrary({ gpu: false });
  return native.Model.load({ path, gpuLayers: 0, useMmap: true });
}

async function makeModel(name: VocabularyName, path: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const clone = mkdtempSync(join(tmpdir(), 'warmfork-vocabulary-'));
  const file = `models/ggml-vocab-${name}.gguf`;
  try {
    const bundle = inRoot('node_modules/node-llama-cpp/llama/gitRelease.bundle');
    execFileSync('git', ['clone', '--quiet', '--no-checkout', bundle, clone]);
    execFileSync('git', ['-C', clone, 'checkout', '--quiet', 'HEAD', '--', file]);
    const { metadata } = await readGgufFileInfo(join(clone, file));
    const { ggml } = metadata.tokenizer as unknown as { ggml: Record<string, unknown> };
    const nVocab = (ggml['tokens'] as readonly string[]).length;
    writeGguf(path, { metadata: [...tinyLlama, ...vocabularyOf(ggml)], tensors: tensors(nVocab) });
  } finally {
    rmSync(clone, { recursive: true, force: true });
  }
}

const sizes = {
  block_count: 1,
  context_length: 512,
  embedding_length: embd,
  feed_forward_length: embd,
  'attention.head_count': 1,
  'attention.head_count_kv': 1,
} as const;

const tinyLlama: readonly (readonly [string, GgufValue])[] = [
  ['general.architecture', { kind: 'string', value: 'llama' }],
  ...Object.entries(sizes).map(([key, value]): [string, GgufValue] => [
    `llama.${key}`,
    { kind: 'u32', value },
  ]),
  ['llama.attention.layer_norm_rms_epsilon', { kind: 'f32', value: 0.000_001 }],
];

function vocabularyOf(ggml: Record<string, unknown>): [string, GgufValue][] {
  return Object.entries(ggml).flatMap(([key, value]) => {
    const written = writtenValue(key, value);
    return written === undefined ? [] : [[`tokenizer.ggml.${key}`, written]];
  });
}

function writtenValue(key: string, value: unknown): GgufValue | undefined {
  if (typeof value === 'string') return { kind: 'string', value };
  if (typeof value === 'boolean') return { kind: 'bool', value };
  if (typeof value === 'number') return { kind: 'u32', value };
  if (!Array.isArray(value)) return undefined;
  if (key === 'scores') return { kind: 'f32s', value: value as number[] };
  if (key === 'token_type') return { kind: 'i32s', value: value as number[] };
  return { kind: 'strings', value: value as string[] };
}

function tensors(nVocab: number): GgufTensor[] {
  const zeros = (name: string, shape: readonly number[]): GgufTensor => ({
    name,
    shape,
    type: 'f32',
    chunks: () => [new Uint8Array(4 * shape.reduce((product, size) => product * size, 1))],
  });
  const square = ['attn_q', 'attn_k', 'attn_v', 'attn_output', 'ffn_gate', 'ffn_up', 'ffn_down'];
  return [
    zeros('token_embd.weight', [embd, nVocab]),
    zeros('output_norm.weight', [embd]),
    zeros('blk.0.attn_norm.weight', [embd]),
    zeros('blk.0.ffn_norm.weight', [embd]),
    ...square.map((part) => zeros(`blk.0.${part}.weight`, [embd, embd])),
  ];
}
