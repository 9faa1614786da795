import { describe, expect, it } from 'vitest';
import { replacedRest } from '../../src/extension/inline/replacedRest.ts';

/** Suggestion at `║`, text after the cursor, and what of it is replaced. */
describe('replacedRest', () => {
  it.each([
    ['f(║', 'a, b)', ')\nnext', ')'],
    ['f(║', 'a, (b)', ')', ''],
    ['f(║', 'a, b', ')', ''],
    ['f(║', 'a);', ');', ');'],
    ['f(║', 'a)', ');', ''],
    ['"║', 'text"', '"', '"'],
    ['"║', 'a" + "b', '"', ''],
    ['f("║', 'a")', '")', '")'],
    ['if (║', 'a) {', ') {', ') {'],
    ['x = {║', '\n  a: 1,\n}', '}', '}'],
    ['return ║', 'a + b;', ';', ';'],
    ['return ║', 'a + b', '', ''],
    ['x = ║', 'f(y)', ' + 1', ''],
    ['x║', 'yz', '  ', ''],
  ])('%s%s before %j replaces %j', (_, suggestion, suffix, expected) => {
    expect(replacedRest(suggestion, suffix)).toBe(expected);
  });
});
