import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readGgufFileInfo } from 'node-llama-cpp';
import { type GgufTensor, type GgufValue, writeGguf } from '../scripts/model/gguf-writer.ts';
import { toHalf } from '../scripts/model/half.ts';
import { constantTensor } from '../scripts/model/matrix.ts';
import { Prng } from '../scripts/model/prng.ts';

const HELP = `Writes a model of a real one's shape with random weights, to measure speed with.

npx tsx bench/make-model.ts [--shape 0.5b|1.5b|3b] [--seed N] OUT`;

/** Sizes of a Qwen2.5-Coder model. */
interface BenchShape {
  readonly embd: number;
  readonly layers: number;
  readonly ff: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
}

const SHAPES: Readonly<Record<string, BenchShape>> = {
  '0.5b': { embd: 896, layers: 24, ff: 4864, heads: 14, kvHeads: 2, headDim: 64 },
  '1.5b': { embd: 1536, layers: 28, ff: 8960, heads: 12, kvHeads: 2, headDim: 128 },
  '3b': { embd: 2048, layers: 36, ff: 11008, heads: 16, kvHeads: 2, headDim: 128 },
};

/** Qwen2.5-Coder's names for ids that the plain Qwen2 vocabulary leaves without one. */
const FIM_TOKENS = [
  { id: 151_659, token: '<|fim_prefix|>', key: 'fim_pre' },
  { id: 151_660, token: '<|fim_middle|>', key: 'fim_mid' },
  { id: 151_661, token: '<|fim_suffix|>', key: 'fim_suf' },
  { id: 151_662, token: '<|fim_pad|>', key: 'fim_pad' },
  { id: 151_663, token: '<|repo_name|>', key: 'fim_rep' },
  { id: 151_664, token: '<|file_sep|>', key: 'fim_sep' },
] as const;

const VOCABULARY_FILE = 'models/ggml-vocab-qwen2.gguf';
const TOKEN_CONTROL = 3;
const Q8_0_FILE = 7;
const BLOCK = 32;
const BLOCKS_PER_CHUNK = 32_768;

interface Vocabulary {
  readonly tokens: readonly string[];
  readonly metadata: readonly (readonly [string, GgufValue])[];
}

/** Reads the real Qwen2 vocabulary out of the llama.cpp release inside node-llama-cpp. */
async function readVocabulary(): Promise<Vocabulary> {
  const directory = mkdtempSync(join(tmpdir(), 'warmfork-vocabulary-'));
  try {
    const llama = join(dirname(packageFile()), 'llama');
    const clone = ['clone', '--quiet', '--depth=1', '--no-checkout'];
    execFileSync('git', [...clone, join(llama, 'gitRelease.bundle'), directory]);
    execFileSync('git', ['-C', directory, 'checkout', '--quiet', 'HEAD', '--', VOCABULARY_FILE]);
    const { metadata } = await readGgufFileInfo(join(directory, VOCABULARY_FILE));
    return toVocabulary(metadata.tokenizer as unknown as RawTokenizer);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function packageFile(): string {
  const entry = createRequire(import.meta.url).resolve('node-llama-cpp');
  return join(dirname(entry), '..', 'package.json');
}

interface RawTokenizer {
  readonly chat_template: string;
  readonly ggml: {
    readonly model: string;
    readonly pre: string;
    readonly tokens: readonly string[];
    readonly token_type: readonly number[];
    readonly merges: readonly string[];
    readonly eos_token_id: number;
    readonly padding_token_id: number;
    readonly bos_token_id: number;
  };
}

function toVocabulary({ chat_template, ggml }: RawTokenizer): Vocabulary {
  const tokens = [...ggml.tokens];
  const types = [...ggml.token_type];
  for (const { id, token } of FIM_TOKENS) {
    tokens[id] = token;
    types[id] = TOKEN_CONTROL;
  }
  const ids: [string, number][] = [
    ['eos', ggml.eos_token_id],
    ['padding', ggml.padding_token_id],
    ['bos', ggml.bos_token_id],
    ...FIM_TOKENS.map(({ key, id }): [string, number] => [key, id]),
  ];
  return {
    tokens,
    metadata: [
      ['tokenizer.ggml.model', { kind: 'string', value: ggml.model }],
      ['tokenizer.ggml.pre', { kind: 'string', value: ggml.pre }],
      ['tokenizer.ggml.tokens', { kind: 'strings', value: tokens }],
      ['tokenizer.ggml.token_type', { kind: 'i32s', value: types }],
      ['tokenizer.ggml.merges', { kind: 'strings', value: ggml.merges }],
      ...ids.map(([key, value]): [string, GgufValue] => [
        `tokenizer.ggml.${key}_token_id`,
        { kind: 'u32', value },
      ]),
      ['tokenizer.ggml.add_bos_token', { kind: 'bool', value: false }],
      ['tokenizer.chat_template', { kind: 'string', value: chat_template }],
    ],
  };
}

/** Random Q8_0 blocks with weights up to about `1.7 * spread`, made a piece at a time. */
function randomTensor(
  name: string,
  shape: readonly [cols: number, rows: number],
  spread: number,
  prng: Prng,
): GgufTensor {
  const scale = toHalf(spread / 73);
  return { name, shape, type: 'q8_0', chunks: () => randomBlocks(shape, scale, prng) };
}

function* randomBlocks(
  [cols, rows]: readonly [number, number],
  scale: number,
  prng: Prng,
): Iterable<Uint8Array> {
  for (let left = (cols * rows) / BLOCK; left > 0; left -= BLOCKS_PER_CHUNK) {
    const nBlocks = Math.min(left, BLOCKS_PER_CHUNK);
    const view = new DataView(new ArrayBuffer(nBlocks * (BLOCK + 2)));
    for (let offset = 0; offset < view.byteLength;) {
      view.setUint16(offset, scale, true);
      offset += 2;
      for (const end = offset + BLOCK; offset < end; offset += 4) {
        view.setUint32(offset, prng.next(), true);
      }
    }
    yield new Uint8Array(view.buffer);
  }
}

function tensorsOf(shape: BenchShape, nVocab: number, prng: Prng): GgufTensor[] {
  return [
    randomTensor('token_embd.weight', [shape.embd, nVocab], 0.05, prng),
    constantTensor('output_norm.weight', shape.embd, 1),
    ...Array.from({ length: shape.layers }, (_, index) => layerTensors(shape, index, prng)).flat(),
  ];
}

function layerTensors(shape: BenchShape, index: number, prng: Prng): GgufTensor[] {
  const { embd, ff, heads, kvHeads, headDim } = shape;
  const name = (part: string) => `blk.${index}.${part}`;
  const matrix = (part: string, cols: number, rows: number) =>
    randomTensor(name(`${part}.weight`), [cols, rows], 1 / Math.sqrt(cols), prng);
  const projections: [string, number][] = [
    ['attn_q', heads * headDim],
    ['attn_k', kvHeads * headDim],
    ['attn_v', kvHeads * headDim],
  ];
  return [
    constantTensor(name('attn_norm.weight'), embd, 1),
    constantTensor(name('ffn_norm.weight'), embd, 1),
    ...projections.flatMap(([part, rows]) => [
      matrix(part, embd, rows),
      constantTensor(name(`${part}.bias`), rows, 0),
    ]),
    matrix('attn_output', heads * headDim, embd),
    matrix('ffn_gate', embd, ff),
    matrix('ffn_up', embd, ff),
    matrix('ffn_down', ff, embd),
  ];
}

function metadataOf(shape: BenchShape): [string, GgufValue][] {
  const sizes: [string, number][] = [
    ['block_count', shape.layers],
    ['context_length', 32_768],
    ['embedding_length', shape.embd],
    ['feed_forward_length', shape.ff],
    ['attention.head_count', shape.heads],
    ['attention.head_count_kv', shape.kvHeads],
  ];
  return [
    ['general.architecture', { kind: 'string', value: 'qwen2' }],
    ['general.name', { kind: 'string', value: 'Warmfork bench, random weights' }],
    ['general.file_type', { kind: 'u32', value: Q8_0_FILE }],
    ...sizes.map(([key, value]): [string, GgufValue] => [`qwen2.${key}`, { kind: 'u32', value }]),
    ['qwen2.attention.layer_norm_rms_epsilon', { kind: 'f32', value: 0.000_001 }],
    ['qwen2.rope.freq_base', { kind: 'f32', value: 1_000_000 }],
  ];
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    shape: { type: 'string', default: '0.5b' },
    seed: { type: 'string', default: '1' },
    help: { type: 'boolean' },
  },
});
const shape = SHAPES[values.shape];
const [out] = positionals;
if (values.help === true || shape === undefined || out === undefined) {
  console.log(HELP);
  process.exitCode = values.help === true ? 0 : 2;
} else {
  const path = resolve(out);
  mkdirSync(dirname(path), { recursive: true });
  const { tokens, metadata } = await readVocabulary();
  writeGguf(path, {
    metadata: [...metadataOf(shape), ...metadata],
    tensors: tensorsOf(shape, tokens.length, new Prng(Number(values.seed))),
  });
  console.log(`${path}: ${(statSync(path).size / 1e6).toFixed(0)} MB`);
}
