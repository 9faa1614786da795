import { describe, expect, it } from 'vitest';
import { parseReference } from '../../src/models/download/reference.ts';
import { catalogue } from '../../src/models/recommended/catalogue.ts';
import { fits, needOf, recommend } from '../../src/models/recommended/recommend.ts';
import type { MachineMemory } from '../../src/protocol/models.ts';

const wish = { contextTokens: 16_384, kvType: 'f16' } as const;
const gib = 1024 ** 3;

function machine(ram: number, vram = 0): MachineMemory {
  return { ramBytes: ram * gib, vramBytes: vram * gib, variant: vram > 0 ? 'cuda' : 'cpu' };
}

function best(on: MachineMemory): string | undefined {
  const found = recommend(on, wish).filter((model) => model.best);
  expect(found.length).toBeLessThanOrEqual(1);
  return found[0] && `${found[0].name} ${found[0].quantisation}`;
}

describe('recommended models', () => {
  it.each([
    [machine(2), 'Qwen2.5-Coder 0.5B Q8_0'],
    [machine(8), 'Qwen2.5-Coder 1.5B Q8_0'],
    [machine(64), 'Qwen2.5-Coder 1.5B Q8_0'],
    [machine(16, 8), 'Qwen2.5-Coder 7B Q6_K'],
    [machine(64, 24), 'Qwen3-Coder 30B-A3B Q4_K_M'],
    [machine(64, 48), 'Qwen3-Coder 30B-A3B Q8_0'],
    [machine(1), undefined],
  ])('suit a machine of %j', (on, expected) => {
    expect(best(on)).toBe(expected);
  });

  it('are offered in four bits on a processor, from 3B on', () => {
    const on64 = recommend(machine(64), wish).map(({ quantisation }) => quantisation);
    expect(on64).toEqual(['Q8_0', 'Q8_0', 'Q4_K_M', 'Q4_K_M', 'Q4_K_M', 'Q4_K_M']);
  });

  it('that do not fit anywhere say so, in their smallest form', () => {
    const large = recommend(machine(8), wish).at(-1)!;
    expect(large).toMatchObject({ fits: false, quantisation: 'Q3_K_M' });
    expect(fits(large.need, machine(8))).toBe(false);
  });

  it('count the K/V cells', () => {
    const shape = { layers: 28, kvHeads: 4, headSize: 128 };
    const cost = (tokens: number, kvType: 'f16' | 'q8_0') =>
      needOf(0, shape, machine(8), { contextTokens: tokens, kvType }).ramBytes;
    // 56 KiB a token.
    expect(cost(16_384, 'f16') - cost(0, 'f16')).toBe(16_384 * 57_344);
    expect(cost(16_384, 'q8_0')).toBeLessThan(cost(16_384, 'f16'));
  });

  it('have references that name their files', () => {
    for (const { repository, file, quantisations } of catalogue) {
      for (const quantisation of Object.keys(quantisations)) {
        const name = file.replace('{}', quantisation);
        const reference = parseReference(`hf:${repository}/${name}`, 'https://huggingface.co');
        expect(reference).toEqual({ kind: 'file', repository, branch: 'main', path: name });
      }
    }
  });
});

describe('a reference', () => {
  const parse = (text: string) => parseReference(text, 'https://mirror.example:8080');
  const quantisation = (repository: string, tag: string) => ({
    kind: 'quantisation',
    repository,
    tag,
  });
  it.each([
    ['hf:user/repo:Q4_K_M', quantisation('user/repo', 'Q4_K_M')],
    [' user/repo ', quantisation('user/repo', 'latest')],
    ['hf.co/user/repo:Q8_0', quantisation('user/repo', 'Q8_0')],
    ['https://huggingface.co/user/repo', quantisation('user/repo', 'latest')],
    ['https://mirror.example:8080/user/repo', quantisation('user/repo', 'latest')],
    [
      'hf:user/repo/sub/a.gguf#dev',
      { kind: 'file', repository: 'user/repo', branch: 'dev', path: 'sub/a.gguf' },
    ],
    [
      'https://huggingface.co/user/repo/blob/main/a%20b.gguf?download=true',
      { kind: 'file', repository: 'user/repo', branch: 'main', path: 'a b.gguf' },
    ],
    ['https://example.org/x/a.gguf', { kind: 'url', url: 'https://example.org/x/a.gguf' }],
  ])('%s is understood', (text, expected) => {
    expect(parse(text)).toEqual(expected);
  });

  it.each([
    '',
    'model',
    '../x',
    'a/..',
    'hf:user/repo/readme.md',
    'hf:user/repo/../../a.gguf',
    'https://example.org/x/a.zip',
    'ftp://example.org/a.gguf',
    'https://',
  ])('"%s" is refused in one sentence', (text) => {
    expect(() => parse(text)).toThrow(/names no model: write user\/repository:Q4_K_M, or/);
  });
});
