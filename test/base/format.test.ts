import { expect, it } from 'vitest';
import { formatBytes, formatCount, formatMs } from '../../src/base/format.ts';

it.each([
  [0.04, '0.0 ms'],
  [9.96, '10.0 ms'],
  [41.5, '42 ms'],
  [1234, '1.2 s'],
])('formatMs(%d)', (ms, expected) => expect(formatMs(ms)).toBe(expected));

it.each([
  [1023, '1,023 B'],
  [1536, '1.5 KB'],
  [24 * 1024 ** 2, '24.0 MB'],
])('formatBytes(%d)', (bytes, expected) => expect(formatBytes(bytes)).toBe(expected));

it('formatCount groups thousands', () => expect(formatCount(1234567)).toBe('1,234,567'));
