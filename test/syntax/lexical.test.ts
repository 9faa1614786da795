import { describe, expect, it } from 'vitest';
import { scanText } from '../../src/syntax/lexical.ts';

describe('scanText', () => {
  it.each([
    ['typescript', 'f("}{", \'(\', `\n)`); // {', 'f(    ,    ,  \n  );     ', 'lineComment'],
    ['typescript', 'a /* ( */ b', 'a         b', 'code'],
    ['typescript', 'a /* (', 'a     ', 'blockComment'],
    ['typescript', 'a "(\n)', 'a   \n)', 'code'],
    ['typescript', String.raw`a "\"(" b`, 'a       b', 'code'],
    ['typescript', 'a "(', 'a   ', 'string'],
    ['python', 'x = 1 # (', 'x = 1    ', 'lineComment'],
    ['python', 'def f():\n  """Say', 'def f():\n        ', 'blockComment'],
    ['python', 'def f():\n  """Say."""\n', 'def f():\n            \n', 'code'],
    ['rust', 'fn f<\'a>(b: &\'a str) { "("', "fn f<'a>(b: &'a str) {    ", 'code'],
    ['html', '<p> // </p><!-- <', '<p> // </p>      ', 'blockComment'],
    ['plaintext', '"( // /*', '"( // /*', 'code'],
  ])('%s: %j', (languageId, text, masked, kind) => {
    const { code, end } = scanText(text, languageId);
    expect(code).toBe(masked);
    expect(end.kind).toBe(kind);
  });
});
