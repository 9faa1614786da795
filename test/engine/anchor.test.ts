import { describe, expect, it } from 'vitest';
import {
  anchorParts,
  setAnchor,
  defaultAnchorLimits,
  type DocumentText,
} from '../../src/engine/prompt/anchor.ts';

/** A document with the cursor at `║`. */
function document(text: string, firstLine = 0): DocumentText {
  const [prefix = '', suffix = ''] = text.split('║');
  return { prefix, suffix, firstLine };
}

const lines = (count: number, width = 40): string =>
  Array.from({ length: count }, (_, at) => `line ${at} `.padEnd(width, '.') + '\n').join('');

describe('anchorParts', () => {
  it('puts the typed part of the line into the middle', () => {
    const parts = anchorParts(document('a\nb\n  con║\nc\n'), undefined);
    expect(parts.anchor).toMatchObject({ startLine: 0, prefix: 'a\nb\n', suffix: '\nc\n' });
    expect(parts.middle).toBe('  con');
  });

  it('keeps prefix and suffix while a person types, over line ends too', () => {
    let parts = anchorParts(document('a\n║\nz'), undefined);
    const { anchor } = parts;
    for (const typed of ['c', 'co', 'const x = 1;', 'const x = 1;\n  y', 'const x = 1;\n']) {
      parts = anchorParts(document(`a\n${typed}║\nz`), parts.anchor);
      expect(parts.anchor).toBe(anchor);
      expect(parts.middle).toBe(typed);
    }
  });

  it('sets a new anchor when the text before or after it changed, or the middle has grown', () => {
    const { anchor } = anchorParts(document('a\nb║\nz'), undefined);
    expect(anchorParts(document('A\nb║\nz'), anchor).anchor).not.toBe(anchor);
    expect(anchorParts(document('a\nb║\nY'), anchor).anchor).not.toBe(anchor);
    const long = 'x\n'.repeat(defaultAnchorLimits.middleLines + 1);
    const parts = anchorParts(document(`a\n${long}y║\nz`), anchor);
    expect(parts).toMatchObject({ middle: 'y', anchor: { prefix: `a\n${long}` } });
  });

  it('starts long prefixes at a round line that leaves at least half of the budget', () => {
    const text = lines(400);
    for (const end of [100, 150, 157, 250, 399]) {
      const prefix = text.slice(0, end * 40 + end);
      const { anchor } = anchorParts({ prefix, firstLine: 0, suffix: '' }, undefined);
      expect(anchor.prefix.length).toBeLessThanOrEqual(defaultAnchorLimits.prefixChars);
      expect(anchor.prefix.length).toBeGreaterThanOrEqual(defaultAnchorLimits.prefixChars / 2);
      expect(anchor.startLine % 8).toBe(0);
      expect(anchor.prefix.startsWith(`line ${anchor.startLine} `)).toBe(true);
    }
  });

  it('counts lines from the start of the window', () => {
    const window = lines(200).split('\n').slice(30).join('\n');
    const { anchor } = anchorParts({ prefix: window, firstLine: 30, suffix: '' }, undefined);
    expect(anchor.prefix.startsWith(`line ${anchor.startLine} `)).toBe(true);
    expect(anchorParts({ prefix: window + 'x', firstLine: 30, suffix: '' }, anchor)).toEqual({
      anchor,
      middle: 'x',
    });
    // The window has moved past the start of the prefix: nothing to compare with.
    const later = { prefix: window.split('\n').slice(120).join('\n'), firstLine: 150, suffix: '' };
    expect(anchorParts(later, anchor).anchor).not.toBe(anchor);
  });

  it('copes with a line that is longer than every budget', () => {
    const prefix = 'x'.repeat(100_000);
    const parts = anchorParts({ prefix, firstLine: 0, suffix: 'y'.repeat(50_000) }, undefined);
    expect(parts.middle.length).toBeLessThanOrEqual(defaultAnchorLimits.middleChars);
    expect(parts.anchor.prefix.length).toBeLessThanOrEqual(defaultAnchorLimits.prefixChars);
    expect(parts.anchor.suffix.length).toBeLessThanOrEqual(defaultAnchorLimits.suffixChars);
    const next = { prefix: prefix + 'x', firstLine: 0, suffix: 'y'.repeat(50_000) };
    expect(anchorParts(next, undefined).anchor.prefix.length).toBeGreaterThan(0);
  });

  it('cuts the suffix at a line end', () => {
    const { anchor } = anchorParts({ prefix: '', firstLine: 0, suffix: lines(100) }, undefined);
    expect(anchor.suffix.length).toBeLessThanOrEqual(defaultAnchorLimits.suffixChars);
    expect(lines(100)[anchor.suffix.length]).toBe('\n');
  });

  it.each([
    ['closed for the person', 'a\nf║\nz', 'a\nf(║)\nz'],
    ['of several kinds', 'a\nf║\nz', 'a\nf([{"║"}])\nz'],
    ['and typed over', 'a\nf(║)\nz', 'a\nf()║\nz'],
    ['opened by a line end', 'a\nf║\nz', 'a\nf {\n  ║\n}\nz'],
  ])('stays when brackets are %s', (_, before, after) => {
    const { anchor } = anchorParts(document(before), undefined);
    expect(anchorParts(document(after), anchor).anchor).toBe(anchor);
  });

  it.each([
    ['before', 'a\nf║\nz', 'a\nf(║); g()\nz'],
    ['at the end of the document', 'a\nf║', 'a\nf║\nz'],
    ['after what was known', 'a\nf║\nz', 'a\nf║\nz\ny'],
  ])('moves when other text came %s', (_, before, after) => {
    const { anchor } = anchorParts(document(before), undefined);
    expect(anchorParts(document(after), anchor).anchor).not.toBe(anchor);
  });

  it('keeps a long suffix whatever its limit is now, and what follows far below', () => {
    const { anchor } = anchorParts(document(`a║\n${lines(100)}`), undefined);
    const limits = { ...defaultAnchorLimits, suffixChars: 64 };
    const now = document(`ab║\n${lines(99)}something else`);
    expect(anchorParts(now, anchor, limits).anchor).toBe(anchor);
  });

  it('is stale, but serves, when something small changed far above', () => {
    const { anchor } = anchorParts(document(`import a;\n${lines(60)}x║\nz`), undefined);
    const parts = anchorParts(document(`import a;\nimport b;\n${lines(60)}xy║\nz`), anchor);
    expect(parts).toEqual({ anchor, middle: 'xy', isStale: true });
    const removed = anchorParts(document(`${lines(60)}xy║\nz`), anchor);
    expect(removed).toEqual(parts);
    const near = document(`import a;\n${lines(59)}other\n${lines(1)}xy║\nz`);
    expect(anchorParts(near, anchor).anchor).not.toBe(anchor);
    const large = document(`import a;\n${'import b;\n'.repeat(100)}${lines(60)}xy║\nz`);
    expect(anchorParts(large, anchor).anchor).not.toBe(anchor);
  });

  it('is found again when lines came in above it', () => {
    const below = `${lines(90)}x║\nz`;
    const { anchor } = anchorParts(document(`${lines(90)}${below}`), undefined);
    const shifted = anchorParts(document(`one\ntwo\n${lines(90)}${below}`), anchor);
    expect(shifted).toEqual({ anchor, middle: 'x' });
    // A new one near by begins where the old one did.
    const next = setAnchor(
      document(`one\ntwo\n${lines(90)}${below.replace('║', 'y\n║')}`),
      defaultAnchorLimits,
      [anchor],
    );
    expect(next.anchor.prefix.startsWith(anchor.prefix)).toBe(true);
  });
});
