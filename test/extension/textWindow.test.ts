import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  takeWindow,
  windowLimits,
  type TextPosition,
  type TextSource,
  type TextWindow,
} from '../../src/extension/inline/textWindow.ts';

/** A document given as its lines; the cursor is the mark. */
function documentOf(text: string, eol = '\n'): { source: TextSource; cursor: TextPosition } {
  const before = text.slice(0, text.indexOf('║')).split('\n');
  const cursor = { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
  const lines = text.replace('║', '').split('\n');
  const offset = (at: TextPosition): number => {
    if (at.line >= lines.length) return lines.join(eol).length;
    const earlier = lines
      .slice(0, at.line)
      .reduce((sum, line) => sum + line.length + eol.length, 0);
    return earlier + Math.min(at.character, lines[at.line]?.length ?? 0);
  };
  const source: TextSource = {
    lineCount: lines.length,
    textBetween: (start, end) => lines.join(eol).slice(offset(start), offset(end)),
  };
  return { source, cursor };
}

function windowOf(text: string, eol?: string): TextWindow {
  const { source, cursor } = documentOf(text, eol);
  return takeWindow(source, cursor, cursor);
}

describe('takeWindow', () => {
  it('takes a short document whole', () => {
    expect(windowOf('a\nb║c\nd')).toEqual({ prefix: 'a\nb', firstLine: 0, suffix: 'c\nd' });
  });

  it('has \\n line ends whatever the document has', () => {
    expect(windowOf('a\nb║c\nd', '\r\n')).toEqual({ prefix: 'a\nb', firstLine: 0, suffix: 'c\nd' });
  });

  it('starts at a line start, at most 400 lines before the cursor', () => {
    const lines = Array.from({ length: 1000 }, (_, index) => `line ${index}`);
    const { prefix, firstLine } = windowOf(`${lines.join('\n')}║`);
    expect(firstLine).toBe(599);
    expect(prefix.startsWith('line 599\n')).toBe(true);
    expect(prefix.endsWith('line 999')).toBe(true);
  });

  it('cuts long lines at a line start, too', () => {
    const lines = Array.from({ length: 100 }, (_, index) => `${index} ${'x'.repeat(1000)}`);
    const { prefix, firstLine } = windowOf(`${lines.join('\n')}║`);
    expect(prefix.length).toBeLessThanOrEqual(windowLimits.charsBefore);
    expect(prefix.startsWith(`${firstLine} x`)).toBe(true);
    expect(firstLine).toBe(100 - prefix.split('\n').length);
  });

  it('gives up the start of a line that is too long alone', () => {
    const { prefix, firstLine } = windowOf(`a\n${'y'.repeat(100_000)}end║`);
    expect(prefix).toHaveLength(windowLimits.charsBefore);
    expect(prefix.endsWith('yend')).toBe(true);
    expect(firstLine).toBe(1);
  });

  it('cuts the text after the cursor at a line end', () => {
    const { suffix } = windowOf(`║${'z'.repeat(99)}\n`.concat(`${'z'.repeat(99)}\n`.repeat(500)));
    expect(suffix.length).toBeLessThanOrEqual(windowLimits.charsAfter);
    expect(suffix.endsWith('\n')).toBe(true);
  });

  it('leaves out what a completion would replace', () => {
    const { source } = documentOf('foo.ba;\n║');
    const window = takeWindow(source, { line: 0, character: 4 }, { line: 0, character: 6 });
    expect(window).toEqual({ prefix: 'foo.', firstLine: 0, suffix: ';\n' });
  });

  it('is always a part of the document around the cursor, within its limits', () => {
    const line = fc.string({ maxLength: 90 }).map((text) => text.replace(/[\n\r║]/g, ''));
    const part = fc.array(line, { maxLength: 600 }).map((lines) => lines.join('\n'));
    fc.assert(
      fc.property(part, part, (before, after) => {
        const { prefix, firstLine, suffix } = windowOf(`${before}║${after}`);
        expect(before.endsWith(prefix)).toBe(true);
        expect(after.startsWith(suffix)).toBe(true);
        expect(firstLine).toBe(before.split('\n').length - prefix.split('\n').length);
        expect(before.length > prefix.length ? before.at(-prefix.length - 1) : '\n').toBe('\n');
      }),
      { numRuns: 50 },
    );
  });
});
