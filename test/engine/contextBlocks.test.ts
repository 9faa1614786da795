import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Model } from '../../native/index.js';
import { PrefillSpeed } from '../../src/engine/inference/prefillSpeed.ts';
import { anchorParts } from '../../src/engine/prompt/anchor.ts';
import { contextBlocks } from '../../src/engine/prompt/contextBlocks.ts';
import { fimPrompt } from '../../src/engine/prompt/fimPrompt.ts';
import { promptBudget } from '../../src/engine/prompt/promptBudget.ts';
import { recoverAnchor } from '../../src/engine/prompt/recoverAnchor.ts';
import { spelledBy } from '../../src/engine/prompt/spelling.ts';
import { Tokenizer } from '../../src/engine/inference/tokenizer.ts';
import type { CompletionContext } from '../../src/protocol/requests.ts';
import { vocabularyModel } from './vocabularyModel.ts';

let model: Model;
let tokenizer: Tokenizer;
beforeAll(async () => {
  model = await vocabularyModel('starcoder');
  tokenizer = new Tokenizer(model);
}, 60_000);
afterAll(() => model.close());

function spelled(tokens: readonly number[]): string {
  const bytes = tokens.map((token) => model.tokenBytes(token, { special: true }));
  return Buffer.concat(bytes).toString('utf8');
}

const context: CompletionContext = {
  recentEdits: [
    { path: 'src/new.ts', text: 'const newest = 1;' },
    { path: 'src/old.ts', text: 'const older = 1;' },
  ],
  openEditors: [{ path: 'src/open.ts', text: 'const open = 1;\n' }],
  definitions: [{ path: 'src/def.ts', text: 'export type Def = number;\n' }],
  diagnostics: [{ line: 3, message: 'Cannot find\nname "x".', severity: 'error' }],
};

describe('contextBlocks', () => {
  it('puts what changes often last, and the most important next to the document', () => {
    expect(spelled(contextBlocks(tokenizer, 'src/a.ts', context, 1000))).toBe(
      '<file_sep>src/def.ts\nexport type Def = number;\n' +
        '<file_sep>src/open.ts\nconst open = 1;\n' +
        '<file_sep>src/old.ts\nconst older = 1;\n' +
        '<file_sep>src/new.ts\nconst newest = 1;\n' +
        '<file_sep>src/a.ts (problems)\nline 4: error: Cannot find name "x".\n',
    );
  });

  it('never takes more than its budget, and cuts long text at a line end', () => {
    const text = 'const value = compute(1, 2);\n'.repeat(100);
    const long = {
      definitions: [{ path: 'src/long.ts', text }],
      recentEdits: context.recentEdits!,
    };
    for (const budget of [0, 20, 60, 100, 200, 400]) {
      const tokens = contextBlocks(tokenizer, 'src/a.ts', long, budget);
      expect(tokens.length).toBeLessThanOrEqual(budget);
      expect(spelled(tokens)).toMatch(/^(<file_sep>[\w/.]+\n(const .* = .*;\n)+)*$/);
    }
    expect(spelled(contextBlocks(tokenizer, 'src/a.ts', long, 200))).toContain('newest');
  });

  it('takes no secrets', () => {
    const text = spelled(
      contextBlocks(
        tokenizer,
        'src/a.ts',
        {
          openEditors: [
            { path: '.env', text: 'NAME=value' },
            { path: 'src/b.ts', text: "const password = 'correct-horse-battery';" },
          ],
        },
        500,
      ),
    );
    expect(text).not.toMatch(/NAME=value|correct-horse/);
    expect(text).toContain('src/b.ts');
  });
});

describe('a prompt', () => {
  it('is read back with its context', () => {
    const document = { prefix: 'first\nsecond\n  thi', firstLine: 0, suffix: '\nfourth\n' };
    const { anchor, middle } = anchorParts(document, undefined);
    const block = contextBlocks(tokenizer, 'src/a.ts', context, 500);
    const parts = { anchor: { ...anchor, context: block }, middle };
    const { tokens } = fimPrompt(tokenizer, 'src/a.ts', parts);
    expect(recoverAnchor(tokenizer, 'src/a.ts', tokens, document)).toEqual(parts.anchor);
    expect(recoverAnchor(tokenizer, 'src/renamed.ts', tokens, document)).toBeUndefined();
  });

  it('keeps the tokens of an accepted suggestion as they were generated', () => {
    const document = { prefix: 'first\nconst value = co', firstLine: 0, suffix: '\n' };
    const parts = anchorParts(document, undefined);
    const { tokens, healing } = fimPrompt(tokenizer, 'a.ts', parts);
    expect(Buffer.from(healing).toString()).toBe(' co');
    // One character a token, as no tokenizer would.
    const generated = Array.from(' compute(first, second);\n  return value;').flatMap((character) =>
      tokenizer.text(character),
    );
    const cells = [...tokens, ...generated];
    const accepted = { ...document, prefix: 'first\nconst value = compute(first, second);\n  ret' };
    const next = fimPrompt(tokenizer, 'a.ts', anchorParts(accepted, parts.anchor), cells);
    const shared = next.tokens.findIndex((token, at) => cells[at] !== token);
    expect(shared < 0 ? next.tokens.length : shared).toBe(next.tokens.length);
    const text = spelled(next.tokens) + Buffer.from(next.healing).toString();
    expect(text.endsWith('const value = compute(first, second);\n  ret')).toBe(true);
    // A few tokens are not worth an odd spelling.
    const typed = { ...document, prefix: 'first\nconst value = comp' };
    const own = fimPrompt(tokenizer, 'a.ts', anchorParts(typed, parts.anchor), cells);
    expect(own.tokens).toEqual(tokens);
  });
});

describe('spelledBy', () => {
  it('takes whole characters only', () => {
    const [first, ...rest] = tokenizer.text('😀');
    expect(rest.length).toBeGreaterThan(0);
    expect(spelledBy(tokenizer, [first!], '😀')).toEqual({ tokens: [], length: 0 });
    expect(spelledBy(tokenizer, [first!, ...rest], '😀x')).toMatchObject({ length: 2 });
    expect(spelledBy(tokenizer, tokenizer.text('abc'), 'ab')).toEqual({ tokens: [], length: 0 });
  });
});

describe('budgets', () => {
  it('follow the measured speed, within bounds', () => {
    const speed = new PrefillSpeed();
    expect(speed.msPerToken).toBeUndefined();
    speed.record(4, 400);
    expect(speed.msPerToken).toBeUndefined(); // too short to tell
    for (let at = 0; at < 50; at++) speed.record(64, 640);
    expect(speed.msPerToken).toBeCloseTo(10);
    for (let at = 0; at < 50; at++) speed.record(64, 64);
    expect(speed.msPerToken).toBeCloseTo(1, 1);
    const slow = promptBudget(20);
    const fast = promptBudget(0.1);
    const usual = promptBudget(undefined);
    for (const part of ['prefixChars', 'suffixChars'] as const) {
      expect(slow.limits[part]).toBeGreaterThan(100);
      expect(slow.limits[part]).toBeLessThan(usual.limits[part]);
      expect(usual.limits[part]).toBeLessThan(fast.limits[part]);
    }
    expect(slow.contextTokens).toBeLessThan(fast.contextTokens);
  });
});
