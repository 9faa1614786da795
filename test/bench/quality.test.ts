/** The quality benchmark in small: how cases are made, and that its numbers mean what they say. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCases } from '../../bench/quality/cases.ts';
import { openModel, type OpenModel } from '../../bench/quality/model.ts';
import { casePrompt } from '../../bench/quality/prompt.ts';
import { editSimilarity } from '../../bench/quality/similarity.ts';
import { sourceFiles } from '../../bench/lib/sourceFiles.ts';
import { inRoot } from '../../scripts/lib/paths.ts';
import { Prng } from '../../scripts/model/prng.ts';
import { standInModel } from '../engine/engineFixture.ts';

const options = { files: 3, casesPerFile: 4 };

describe('cases', () => {
  it('are the same for the same seed, others for another', async () => {
    const files = await sourceFiles(inRoot('src/client'));
    const first = await makeCases(files, new Prng(1), options);
    expect(await makeCases(files, new Prng(1), options)).toEqual(first);
    expect(await makeCases(files, new Prng(2), options)).not.toEqual(first);
  });

  it('are pieces of the files they are said to be from, in TypeScript and C++', async () => {
    const roots = { typescript: 'src/engine', cpp: 'native/src' };
    for (const [languageId, root] of Object.entries(roots)) {
      const files = await sourceFiles(inRoot(root));
      const { cases, heldOut } = await makeCases(files, new Prng(1), options);
      expect(heldOut).toHaveLength(options.files);
      expect(new Set(cases.map(({ kind }) => kind))).toEqual(new Set(['line', 'block']));
      for (const { path, prefix, truth, suffix, ...one } of cases) {
        expect(one.languageId).toBe(languageId);
        expect(heldOut).toContain(path);
        expect(truth.trim().length).toBeGreaterThan(2);
        expect(prefix + truth + suffix).toBe(files.find((file) => file.path === path)?.text);
      }
    }
  });

  it('are found in Python', async () => {
    const text =
      'class A:\n    def add(self, left, right):\n        total = left\n        total += right\n        return total\n';
    const file = { path: 'a.py', languageId: 'python', text };
    const { cases } = await makeCases([file], new Prng(1), { files: 1, casesPerFile: 1 });
    expect(cases).toHaveLength(1);
    expect(text.indexOf(cases[0]!.truth)).toBeGreaterThan(text.indexOf('right):\n'));
  });
});

describe('edit similarity', () => {
  it.each([
    ['', '', 1],
    ['abcd', 'abcd', 1],
    ['abcd', 'abxd', 0.75],
    ['', 'ab', 0],
    ['ab', 'xyz', 0],
  ])('of %j and %j is %d', (left, right, similarity) => {
    expect(editSimilarity(left, right)).toBe(similarity);
  });
});

describe('likelihood on the stand-in model', () => {
  let model: OpenModel;
  beforeAll(async () => {
    model = await openModel({ path: standInModel, threads: 1, budgetTokens: 256 });
  });
  afterAll(() => model.close());

  const one = {
    path: 'a.ts',
    languageId: 'typescript',
    kind: 'line',
    prefix: 'export function add(a: number, b: number) {\n  return a + b',
    suffix: ';\n}\n',
  } as const;

  it('of what the model itself writes is higher than of anything else', async () => {
    const { judge, tokenizer } = model;
    await judge.setBase(tokenizer.text('const a = 1;\n'));
    for (const healing of [true, false]) {
      const prompt = casePrompt(tokenizer, { ...one, truth: '' }, healing);
      const written = await judge.write(prompt, 1, () => false);
      expect(written).not.toBe('');
      const own = await judge.likelihood(prompt, written);
      const other = await judge.likelihood(prompt, `~${written}`);
      expect(own.nll / own.tokens).toBeLessThan(other.nll / other.tokens);
    }
  });

  it('does not depend on what was asked before', async () => {
    const { judge, tokenizer } = model;
    await judge.setBase(tokenizer.text('let x = 2;\n'));
    const prompt = casePrompt(tokenizer, { ...one, truth: '' }, true);
    const truth = ' + 1; // a longer rest of a line, of many tokens'.repeat(4);
    const first = await judge.likelihood(prompt, truth);
    await judge.write(prompt, 12, () => false);
    expect(await judge.likelihood(prompt, truth)).toEqual(first);
    expect(first.nll).toBeGreaterThan(0);
  });
});
