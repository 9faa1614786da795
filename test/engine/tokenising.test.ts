/** Tokenising in proportion to what has changed gives the very tokens of tokenising everything. Real vocabulary. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Model } from '../../native/index.js';
import { Tokenizer } from '../../src/engine/inference/tokenizer.ts';
import { anchorParts, type Anchor } from '../../src/engine/prompt/anchor.ts';
import { fimPrompt } from '../../src/engine/prompt/fimPrompt.ts';
import { TextMemory } from '../../src/engine/prompt/textMemory.ts';
import { vocabularyModel } from './vocabularyModel.ts';

let model: Model;
let tokenizer: Tokenizer;
beforeAll(async () => {
  model = await vocabularyModel('qwen2');
  tokenizer = new Tokenizer(model);
}, 60_000);
afterAll(() => model.close());

/** Characters that `work` tokenised. */
function tokenized(work: () => void): number {
  const before = tokenizer.charsTokenized;
  work();
  return tokenizer.charsTokenized - before;
}

const piece = fc.oneof(
  fc.constantFrom('\n', ' ', '  ', '\t', '(', ');', '=>', "'", 'é', '漢字', '👋', '<|fim_middle|>'),
  fc.stringMatching(/^[a-z]{1,6}$/),
);
const text = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''));

describe('a prompt that goes on from the one before', () => {
  it('is the prompt of somebody who asks for the first time', () => {
    fc.assert(
      fc.property(text, text, fc.array(piece, { maxLength: 8 }), (prefix, suffix, keys) => {
        let anchor: Anchor | undefined;
        for (let count = 0; count <= keys.length; count++) {
          const typed = prefix + keys.slice(0, count).join('');
          const parts = anchorParts({ prefix: typed, firstLine: 0, suffix }, anchor);
          anchor = parts.anchor;
          const first = fimPrompt(tokenizer, 'a.ts', { ...parts, anchor: { ...anchor } });
          expect(fimPrompt(tokenizer, 'a.ts', parts)).toEqual(first);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('tokenises what was typed since its place was set, in a document of any length', () => {
    const costs = [10, 1000].map((lines) => {
      const prefix = 'const value = 1;\n'.repeat(lines);
      const place = anchorParts({ prefix, firstLine: 0, suffix: '\n' }, undefined);
      fimPrompt(tokenizer, 'a.ts', place);
      const document = { prefix: `${prefix}let x`, firstLine: 0, suffix: '\n' };
      const parts = anchorParts(document, place.anchor);
      return tokenized(() => fimPrompt(tokenizer, 'a.ts', parts));
    });
    expect(costs).toEqual(['let x'.length, 'let x'.length]);
  });

  it('is made anew under another path', () => {
    const parts = anchorParts({ prefix: 'x', firstLine: 0, suffix: '' }, undefined);
    const [one, other] = ['a.ts', 'b.ts'].map((path) => fimPrompt(tokenizer, path, parts).tokens);
    expect(one).not.toEqual(other);
  });
});

describe('a memory of texts', () => {
  it('tokenises what is new, and forgets what two looks did not ask for', () => {
    const memory = new TextMemory((one) => tokenizer.text(one));
    const look = (...texts: readonly string[]): number =>
      tokenized(() => {
        memory.beginLook();
        for (const one of texts)
          expect(memory.tokens(one)).toEqual([...model.tokenize(one, { parseSpecial: false })]);
      });
    expect(look('first\n', 'second\n')).toBe('first\nsecond\n'.length);
    expect(look('first\n', 'second\n', 'first\n')).toBe(0);
    expect(look('first\n', 'edited\n')).toBe('edited\n'.length);
    expect(look('first\n', 'edited\n')).toBe(0);
    expect(look('second\n')).toBe('second\n'.length);
  });
});
