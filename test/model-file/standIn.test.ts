import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import {
  getLlama,
  type Llama,
  type LlamaModel,
  readGgufFileInfo,
  resolveChatWrapper,
  type Token,
} from 'node-llama-cpp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeGguf } from '../../scripts/model/gguf-writer.ts';
import { DEFAULT_SHAPE } from '../../scripts/model/shape.ts';
import { makeStandIn } from '../../scripts/model/standIn.ts';
import { CONTROL_TOKENS, TOKEN_ID_KEYS } from '../../scripts/model/vocabulary.ts';

/** Of the default model. Changes only when the generator is changed on purpose. */
const RECORDED_SHA256 = '005c087a0489bfb0f4c906057e0fa86068e276d0993dccf72e2fefa39f102417';

const sha256 = (path: string): string =>
  createHash('sha256').update(readFileSync(path)).digest('hex');

let directory: string;
let path: string;
let llama: Llama;
let model: LlamaModel;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'warmfork-model-'));
  path = join(directory, 'stand-in.gguf');
  writeGguf(path, makeStandIn(DEFAULT_SHAPE));
  llama = await getLlama({ gpu: false, build: 'never', skipDownload: true });
  model = await llama.loadModel({ modelPath: path });
}, 60_000);

afterAll(async () => {
  await llama.dispose();
  rmSync(directory, { recursive: true, force: true });
});

const tokensOf = (text: string): Token[] => model.tokenize(text, false);

async function continueGreedily(prompt: string, nTokens: number): Promise<Token[]> {
  const context = await model.createContext({ contextSize: 1024, threads: 1 });
  try {
    const out: Token[] = [];
    const run = context
      .getSequence()
      .evaluate(model.tokenize(prompt, true), { temperature: 0, yieldEogToken: true });
    for await (const token of run) {
      out.push(token);
      if (out.length >= nTokens || model.isEogToken(token)) break;
    }
    return out;
  } finally {
    await context.dispose();
  }
}

async function nextProbabilities(prompt: string): Promise<Map<Token, number>> {
  const context = await model.createContext({ contextSize: 1024, threads: 1 });
  try {
    const run = context
      .getSequence()
      .evaluateWithMetadata(model.tokenize(prompt, true), { probabilities: true });
    for await (const { probabilities } of run) return probabilities;
    throw new Error('nothing was evaluated');
  } finally {
    await context.dispose();
  }
}

describe('the file', () => {
  it('is the same, byte for byte, from another process', () => {
    const again = join(directory, 'again.gguf');
    execFileSync(process.execPath, ['--import', 'tsx', 'scripts/make-model.ts', '--out', again], {
      cwd: new URL('../..', import.meta.url),
    });
    expect(sha256(again)).toBe(sha256(path));
    expect(sha256(path)).toBe(RECORDED_SHA256);
  });

  it('differs for another seed', () => {
    const other = join(directory, 'seed.gguf');
    writeGguf(other, makeStandIn({ ...DEFAULT_SHAPE, seed: 2 }));
    expect(sha256(other)).not.toBe(sha256(path));
  });

  it('leaves no partial file behind', () => {
    expect(readdirSync(directory).filter((name) => name.endsWith('.partial'))).toEqual([]);
  });

  it('says what it is', async () => {
    const { metadata } = await readGgufFileInfo(path);
    expect(metadata.general).toMatchObject({ architecture: 'llama', name: 'Warmfork stand-in' });
    expect(metadata.general.description).toMatch(/no meaning/);
    expect(metadata).toMatchObject({ warmfork: { stand_in: true } });
    expect(model.trainContextSize).toBe(32_768);
  });

  it.each([
    { layers: 1, embd: 128, heads: 2, kvHeads: 1, headDim: 32, ff: 64, ctx: 512, seed: 3 },
    { layers: 2, embd: 128, heads: 4, kvHeads: 2, headDim: 32, ff: 128, ctx: 2048, seed: 4 },
    { layers: 5, embd: 256, heads: 8, kvHeads: 8, headDim: 64, ff: 256, ctx: 4096, seed: 5 },
  ])('can have other shapes: %o', async (shape) => {
    const other = join(directory, `layers-${shape.layers}.gguf`);
    writeGguf(other, makeStandIn(shape));
    const loaded = await llama.loadModel({ modelPath: other });
    expect(loaded.trainContextSize).toBe(shape.ctx);
    expect(loaded.fileInsights.totalLayers).toBe(shape.layers + 1);
    await loaded.dispose();
  });

  it.each([{ embd: 100 }, { ff: 33 }, { headDim: 48 }, { heads: 3 }, { layers: 0 }])(
    'refuses the shape %o',
    (part) => {
      expect(() => makeStandIn({ ...DEFAULT_SHAPE, ...part })).toThrow(RangeError);
    },
  );
});

describe('the vocabulary', () => {
  it.each(CONTROL_TOKENS)('has %s as one token, which text never becomes', (name) => {
    const [id, ...rest] = model.tokenize(name, true);
    expect(rest).toEqual([]);
    expect(id).toBeDefined();
    expect(model.isSpecialToken(id)).toBe(true);
    expect(tokensOf(name).length).toBeGreaterThan(1);
    expect(model.detokenize(tokensOf(name))).toBe(name);
  });

  it('names the control tokens by id in the metadata', async () => {
    const { metadata } = await readGgufFileInfo(path);
    const ggml = metadata.tokenizer.ggml as unknown as Record<string, number>;
    for (const [key, name] of TOKEN_ID_KEYS) {
      expect([key, ggml[`${key}_token_id`]]).toEqual([key, model.tokenize(name, true)[0]]);
    }
  });

  it('is what the library reads: infill, end of generation, no token put before', () => {
    const { infill } = model.tokens;
    expect(infill.prefixString).toBe('<|fim_prefix|>');
    expect(infill.middleString).toBe('<|fim_middle|>');
    expect(infill.suffixString).toBe('<|fim_suffix|>');
    expect(model.tokens.eosString).toBe('<|im_end|>');
    expect(model.tokens.shouldPrependBosToken).toBe(false);
  });

  it('brings every byte back', () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const text = bytes.toString('latin1');
    expect(model.detokenize(tokensOf(text))).toBe(text);
  });

  it.each([
    ['code', 'const a = b ?? c;\n\tif (x === y) {\r\n    return `${z}`;\n}\n'],
    ['other scripts', '\u{1F600} \u{1F468}\u200D\u{1F469}\u200D\u{1F467} æøå 你好 עברית'],
    ['NUL', 'a\0b\0\0c'],
    ['space only', '   \n\n  \t \n'],
    ['a long word', 'x'.repeat(5000)],
  ])('brings %s back', (_, text) => {
    expect(model.detokenize(tokensOf(text))).toBe(text);
  });

  it('brings any text back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(model.detokenize(tokensOf(text))).toBe(text);
      }),
    );
  });

  it('takes at least two characters of code to a token', () => {
    const code = ['standIn', 'weights', 'bpe', 'gguf-writer', 'attention']
      .map((name) =>
        readFileSync(new URL(`../../scripts/model/${name}.ts`, import.meta.url), 'utf8'),
      )
      .join('\n');
    expect(code.length / tokensOf(code).length).toBeGreaterThan(2);
  });
});

describe('the model', () => {
  it('has a ChatML template', () => {
    expect(resolveChatWrapper(model).wrapperName).toBe('ChatML');
  });

  it('writes lines of printable text', async () => {
    const prompts = [
      'class Zebra {\n  readonly stripes: number;\n  count(',
      'if (value',
      'def f(n):\n',
    ];
    for (const prompt of prompts) {
      const tokens = await continueGreedily(prompt, 60);
      const text = model.detokenize(tokens);
      expect(text).toMatch(/^[\t\n\x20-\x7e]+$/);
      expect(text).toContain('\n');
      expect(new Set(tokens).size).toBeGreaterThan(5);
    }
  });

  it('writes the same again', async () => {
    const prompt = 'export async function ';
    expect(await continueGreedily(prompt, 30)).toEqual(await continueGreedily(prompt, 30));
  });

  it('looks at what stands earlier in the context', async () => {
    const prompt = (name: string) => `zebra.feed(${name});\nlion.walk();\nzebra.feed`;
    const one = await nextProbabilities(prompt('tiger'));
    const other = await nextProbabilities(prompt('mouse'));
    const difference = Math.max(
      ...Array.from(one, ([token, p]) => Math.abs(p - (other.get(token) ?? 0))),
    );
    expect(difference).toBeGreaterThan(0.0001);
  });

  it('runs with flash attention and quantised keys and values', async () => {
    const context = await model.createContext({
      contextSize: 256,
      flashAttention: true,
      experimentalKvCacheKeyType: 'Q8_0',
      experimentalKvCacheValueType: 'Q8_0',
    });
    for await (const token of context.getSequence().evaluate(tokensOf('return'))) {
      expect(token).toBeGreaterThanOrEqual(0);
      break;
    }
    await context.dispose();
  });
});
