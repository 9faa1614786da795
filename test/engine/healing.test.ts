/** Token healing against a reference that looks at every token of a real vocabulary. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Model } from '../../native/index.js';
import { Healing, takeBackLast } from '../../src/engine/completion/healing.ts';
import { Tokenizer } from '../../src/engine/inference/tokenizer.ts';
import { vocabularyModel, type VocabularyName } from './vocabularyModel.ts';

const texts = [
  'export function twice(value: number): number {\n  return value * 2;\n}\n',
  'def naïve(größe):\n\t"""Say «hi» 😀."""\n\treturn größe\n\n',
  '    if (a&&b||!c) { x??=y?.z[0]; }\r\n        // 中文 comment',
];

describe.each<VocabularyName>(['starcoder', 'llama-spm'])('with the vocabulary %s', (name) => {
  let model: Model;
  let tokenizer: Tokenizer;
  /** Bytes of every text token; empty for all others. */
  let vocabulary: readonly Buffer[];

  beforeAll(async () => {
    model = await vocabularyModel(name);
    tokenizer = new Tokenizer(model);
    vocabulary = Array.from({ length: model.info.nVocab }, (_, token) =>
      model.isControl(token) || model.isEndOfGeneration(token)
        ? Buffer.alloc(0)
        : Buffer.from(model.tokenBytes(token, { special: false })),
    );
  }, 60_000);
  afterAll(() => model.close());

  /** Tokens that begin with `wanted`, or of which `wanted` begins with. */
  function allowedByReference(wanted: Uint8Array): number[] {
    return vocabulary.flatMap((bytes, token) => {
      const length = Math.min(bytes.length, wanted.length);
      const agree = length > 0 && bytes.subarray(0, length).equals(wanted.subarray(0, length));
      return agree ? [token] : [];
    });
  }

  it('allows exactly the tokens that can spell what was typed, at every cursor', () => {
    const seen = new Set<string>();
    for (const text of texts) {
      for (let end = 0; end <= text.length; end++) {
        const { kept, bytes } = takeBackLast(tokenizer, tokenizer.text(text.slice(0, end)));
        const spelled = Buffer.concat([...kept.map((token) => vocabulary[token]!), bytes]);
        const typed = Buffer.from(text.slice(0, end).replace(/[\uD800-\uDBFF]$/, '\uFFFD'));
        expect(spelled.equals(typed)).toBe(true);
        const key = Buffer.from(bytes).toString('hex');
        if (seen.has(key)) continue;
        seen.add(key);
        const { allowed } = new Healing(tokenizer, bytes).restrict({});
        if (bytes.length === 0) expect(allowed).toBeUndefined();
        else expect([...allowed!]).toEqual(allowedByReference(bytes));
      }
    }
    expect(seen.size).toBeGreaterThan(30);
  });

  it('gives what goes beyond the typed bytes, whichever allowed tokens are chosen', () => {
    const text = fc
      .constantFrom(...texts)
      .chain((whole) =>
        fc.integer({ min: 1, max: whole.length }).map((end) => whole.slice(0, end)),
      );
    fc.assert(
      fc.property(text, fc.infiniteStream(fc.nat()), (typed, choices) => {
        const { bytes } = takeBackLast(tokenizer, tokenizer.text(typed));
        const healing = new Healing(tokenizer, bytes);
        const generated: Buffer[] = [];
        const beyond: Uint8Array[] = [];
        for (let left = Buffer.from(bytes); left.length > 0;) {
          const allowed = healing.restrict({}).allowed!;
          expect([...allowed]).toEqual(allowedByReference(left));
          const token = allowed[choices.next().value % allowed.length]!;
          generated.push(vocabulary[token]!);
          beyond.push(healing.take(tokenizer.bytes(token)));
          left = left.subarray(vocabulary[token]!.length);
        }
        expect(healing.pending).toBe(false);
        const expected = Buffer.concat(generated);
        expect(Buffer.concat([bytes, ...beyond]).equals(expected)).toBe(true);
        expect(healing.restrict({})).toEqual({});
      }),
      { numRuns: 40 },
    );
  });
});
