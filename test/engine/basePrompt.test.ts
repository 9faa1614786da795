import { describe, expect, it } from 'vitest';
import { staleShare } from '../../src/engine/prompt/basePrompt.ts';

describe('staleShare', () => {
  const separator = 9;
  const present = [1, 2, 9, 3, 4, 5, 9, 6, 7];

  it('is 0 for the same base and 1 for another', () => {
    expect(staleShare(present, present, separator)).toBe(0);
    expect(staleShare([8, 8, 8], present, separator)).toBe(1);
    expect(staleShare([], present, separator)).toBe(0);
  });

  it('counts the blocks that are new, wherever they stand', () => {
    expect(staleShare([1, 2, 9, 6, 7, 9, 3, 4, 5], present, separator)).toBe(0);
    expect(staleShare([1, 2, 9, 3, 4, 5, 9, 6, 8], present, separator)).toBeCloseTo(3 / 9);
  });

  it('takes a base without separators as one block', () => {
    expect(staleShare([1, 2, 3], [1, 2, 3], undefined)).toBe(0);
    expect(staleShare([1, 2, 4], [1, 2, 3], undefined)).toBe(1);
  });
});
