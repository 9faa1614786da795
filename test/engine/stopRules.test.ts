import { describe, expect, it } from 'vitest';
import { isSingleLine, stopRules } from '../../src/engine/stopRules.ts';

/** Feeds text in small pieces, as generation does, and gives what is offered in the end. */
function offered(text: string, singleLine: boolean, suffix = ''): string {
  const rules = stopRules(singleLine, suffix);
  for (let end = 1; end <= text.length; end++)
    if (rules.stop(text.slice(0, end))) return rules.finish(text.slice(0, end));
  return rules.finish(text);
}

describe('stopRules', () => {
  it.each([
    ['one line ends at the line end', 'foo();\nbar();\n', true, '', 'foo();'],
    ['trailing white space is dropped', 'foo();  \n', true, '', 'foo();'],
    ['white space alone is nothing', '   \n', true, '', ''],
    ['what stands right of the cursor is not repeated', 'a, b)', true, ')\n', 'a, b'],
    ['the line that follows is not offered', 'return x;\n', true, '\n  return x;\n', ''],
    ['a block goes over lines', 'a\nb\nc', false, '', 'a\nb\nc'],
    ['a block ends at an empty line', 'a\nb\n\nc\nd\n', false, '', 'a\nb'],
    ['leading empty lines do not end a block', '\n\na\nb\n\nc\n', false, '', '\n\na\nb'],
    ['a block ends before what follows', 'a\nb\n}\nmore\n', false, '\n}\n', 'a\nb'],
    ['a block is not endless', 'x\n'.repeat(50), false, '', 'x\n'.repeat(8).trimEnd()],
  ])('%s', (_, text, singleLine, suffix, expected) => {
    expect(offered(text, singleLine, suffix)).toBe(expected);
  });

  it('decides between a line and a block', () => {
    expect(isSingleLine('  const x', '\n')).toBe(true);
    expect(isSingleLine('    ', '\nfoo')).toBe(false);
    expect(isSingleLine('', '')).toBe(false);
    expect(isSingleLine('', ');\n')).toBe(true);
  });
});
