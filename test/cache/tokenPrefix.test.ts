import fc from 'fast-check';
import { expect, test } from 'vitest';
import { commonPrefixLength } from '../../src/cache/tokenPrefix.ts';

const id = fc.integer({ min: 0, max: 3 });

test('the common prefix is common, and ends where it must', () => {
  fc.assert(
    fc.property(fc.array(id), fc.array(id), fc.array(id), (shared, restA, restB) => {
      const a = [...shared, ...restA];
      const b = [...shared, ...restB];
      const length = commonPrefixLength(Int32Array.from(a), b);
      expect(length).toBeGreaterThanOrEqual(shared.length);
      expect(a.slice(0, length)).toEqual(b.slice(0, length));
      if (length < Math.min(a.length, b.length)) expect(a[length]).not.toBe(b[length]);
      expect(commonPrefixLength(b, Int32Array.from(a))).toBe(length);
    }),
  );
});

test.each([
  [[], [], 0],
  [[1, 2], [1, 2], 2],
  [[1, 2], [1, 2, 3], 2],
  [[1, 2], [2], 0],
])('%j and %j share %d', (a, b, expected) => {
  expect(commonPrefixLength(a, Int32Array.from(b))).toBe(expected);
});
