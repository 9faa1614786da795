import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Model } from '../../native/index.d.ts';
import { loadStandIn } from './fixture.ts';

let model: Model;

beforeAll(async () => {
  model = await loadStandIn();
});

afterAll(() => model.close());

function textOf(tokens: Int32Array, special = false): string {
  const bytes = [...tokens].map((token) => model.tokenBytes(token, { special }));
  return Buffer.concat(bytes).toString('utf8');
}

describe('tokenize', () => {
  it.each([
    '',
    'const answer = 42;\n',
    '\tif (a && b) {\r\n\t\treturn "ä€🙂";\n\t}',
    'nul \0 inside\0',
    '  leading and trailing  ',
    'fi⁣ \u200d zero width',
  ])('round-trips %j', (text) => {
    expect(textOf(model.tokenize(text, { parseSpecial: false }))).toBe(text);
  });

  it('keeps the text of special tokens plain text unless asked', () => {
    const { fimPrefix, eot } = model.info.tokens;
    const text = textOf(Int32Array.of(fimPrefix, eot), true);
    expect(text.length).toBeGreaterThan(4);

    const plain = model.tokenize(text, { parseSpecial: false });
    const parsed = model.tokenize(text, { parseSpecial: true });

    expect([...parsed]).toEqual([fimPrefix, eot]);
    expect([...plain]).not.toContain(fimPrefix);
    expect([...plain].filter((token) => model.isControl(token))).toEqual([]);
    expect(textOf(plain)).toBe(text);
  });

  it('replaces lone surrogates', () => {
    expect(textOf(model.tokenize('a\ud800b', { parseSpecial: false }))).toBe('a\ufffdb');
  });
});

describe('tokens', () => {
  it('have no bytes when they are special, unless asked', () => {
    const { fimMiddle } = model.info.tokens;

    expect(model.tokenBytes(fimMiddle, { special: false })).toHaveLength(0);
    expect(model.tokenBytes(fimMiddle, { special: true }).length).toBeGreaterThan(0);
  });

  it('say what they are', () => {
    const { eos, newline, fimPrefix } = model.info.tokens;

    expect(model.isEndOfGeneration(eos)).toBe(true);
    expect(model.isEndOfGeneration(newline)).toBe(false);
    expect(model.isControl(fimPrefix)).toBe(true);
    expect(model.isControl(newline)).toBe(false);
  });
});

describe('tokensStartingWith', () => {
  function bruteForce(prefix: Buffer): number[] {
    const found: number[] = [];
    for (let token = 0; token < model.info.nVocab; token++) {
      if (model.isControl(token) || model.isEndOfGeneration(token)) continue;
      const bytes = Buffer.from(model.tokenBytes(token, { special: false }));
      if (bytes.length === 0) continue;
      const n = Math.min(bytes.length, prefix.length);
      if (bytes.subarray(0, n).equals(prefix.subarray(0, n))) found.push(token);
    }
    return found;
  }

  it.each(['r', 're', 'ret', 'return', ' fun', '\n', 'é', ' ', 'zzqqzzqq', ''])(
    'finds the same tokens as looking at each for %j',
    (text) => {
      const prefix = Buffer.from(text);
      const found = [...model.tokensStartingWith(prefix)];

      expect(found).toEqual(bruteForce(prefix));
    },
  );

  it('works on bytes, not on characters', () => {
    const half = Buffer.from('é').subarray(0, 1);

    expect([...model.tokensStartingWith(half)]).toEqual(bruteForce(half));
    expect(model.tokensStartingWith(half).length).toBeGreaterThan(0);
  });
});

describe('info', () => {
  it('describes the model', () => {
    const { info } = model;

    expect(info).toMatchObject({ isRecurrent: false, isHybrid: false, nSwa: 0 });
    expect(info.metadata['general.architecture']).toBeTypeOf('string');
    expect(info.nLayer).toBe(
      Number(info.metadata[`${info.metadata['general.architecture']}.block_count`]),
    );
    expect(info.metadata['tokenizer.ggml.tokens']).toBeUndefined();
    expect(info.chatTemplate).toBe(info.metadata['tokenizer.chat_template']);
    expect(info.parameters).toBeGreaterThan(0);
    expect(info.sizeBytes).toBeGreaterThan(info.parameters / 2);
  });
});
