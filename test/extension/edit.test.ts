import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyTarget } from '../../src/extension/edit/applyTarget.ts';
import { codeOfAnswer, reindented } from '../../src/extension/edit/codeOfAnswer.ts';
import { decided, hasChanges, merged, segmentsOf } from '../../src/extension/edit/segments.ts';

const before = ['function f() {', '  return 1;', '}'];
const after = ['function f(): number {', '  return 1;', '  // done', '}'];

function decideAll(whole: readonly string[], decision: 'accept' | 'reject'): string[] {
  let segments = segmentsOf(before, whole, true);
  segments.forEach((_, index) => (segments = decided(segments, index, decision)));
  expect(hasChanges(segments)).toBe(false);
  return merged(segments).map(({ text }) => text);
}

describe('a change under review', () => {
  it('shows what goes above what comes', () => {
    expect(merged(segmentsOf(before, after, true)).map(({ mark, text }) => [mark, text])).toEqual([
      ['removed', 'function f() {'],
      ['added', 'function f(): number {'],
      ['same', '  return 1;'],
      ['added', '  // done'],
      ['same', '}'],
    ]);
  });

  it('is what was written when all is accepted, and what was there when all is rejected', () => {
    expect(decideAll(after, 'accept')).toEqual(after);
    expect(decideAll(after, 'reject')).toEqual(before);
  });

  it('can be decided change by change', () => {
    const segments = decided(segmentsOf(before, after, true), 0, 'reject');
    const text = decided(segments, 2, 'accept');
    expect(merged(text).map((line) => line.text)).toEqual([before[0], before[1], after[2], '}']);
  });

  it('leaves what is not written yet as it is', () => {
    const marks = merged(segmentsOf(before, after.slice(0, 1), false)).map(({ mark }) => mark);
    expect(marks).toEqual(['removed', 'added', 'same', 'same']);
  });

  it('never loses a line, whatever is written', () => {
    const lines = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 8 });
    fc.assert(
      fc.property(lines, lines, fc.boolean(), (old, now, isWhole) => {
        const all = merged(segmentsOf(old, now, isWhole));
        const kept = all.filter(({ mark }) => mark !== 'added').map(({ text }) => text);
        expect(kept).toEqual(old);
        const written = all.filter(({ mark }) => mark !== 'removed').map(({ text }) => text);
        if (isWhole) expect(written).toEqual(now);
      }),
    );
  });
});

describe('the code of an answer', () => {
  it('is its first block, whole when the fence is closed', () => {
    const answer = 'Here:\n```ts\nconst a = 1;\n```\nThat is it.';
    expect(codeOfAnswer(answer.slice(0, 18), false)).toEqual({ lines: [], isWhole: false });
    expect(codeOfAnswer(answer.slice(0, 26), false).isWhole).toBe(false);
    expect(codeOfAnswer(answer, false)).toEqual({ lines: ['const a = 1;'], isWhole: true });
  });

  it('is the whole answer where there is no block, once it is over', () => {
    expect(codeOfAnswer('a\nb\n', false).lines).toEqual([]);
    expect(codeOfAnswer('a\nb\n', true)).toEqual({ lines: ['a', 'b'], isWhole: true });
  });

  it('gets the indentation of what it replaces', () => {
    expect(reindented(['if (a) {', '  b();', '}'], ['    old();'])).toEqual([
      '    if (a) {',
      '      b();',
      '    }',
    ]);
  });
});

describe('where code is applied', () => {
  const document = ['import a;', '', 'function f() {', '  old();', '}', '', 'function g() {', '}'];

  it('is from the line like its first to the nearest like its last', () => {
    const code = ['function f() {', '  one();', '  two();', '}'];
    expect(applyTarget(document, code, 0)).toEqual({ start: 2, end: 5 });
    expect(applyTarget(document, ['function g() {', '  x();', '}'], 0)).toEqual({
      start: 6,
      end: 8,
    });
  });

  it('is the cursor where nothing is alike', () => {
    expect(applyTarget(document, ['const z = 1;'], 5)).toEqual({ start: 5, end: 5 });
  });
});
