import { describe, expect, it } from 'vitest';
import { staleShare } from '../../src/engine/prompt/basePrompt.ts';

describe('staleShare', () => {
  const present = Array.from({ length: 1000 }, (_, at) => at);

  it('is 0 for the same base and 1 for another', () => {
    expect(staleShare(present, present)).toBe(0);
    expect(
      staleShare(
        present.map((token) => token + 5000),
        present,
      ),
    ).toBe(1);
    expect(staleShare([], present)).toBe(0);
    expect(staleShare([1, 2], [])).toBe(1);
    expect(staleShare([1, 2], [1, 2])).toBe(0);
  });

  it('hardly counts that parts change their places', () => {
    const moved = [...present.slice(500), ...present.slice(0, 500)];
    expect(staleShare(moved, present)).toBeLessThan(0.01);
  });

  it('counts an edited line as a line, wherever it stands', () => {
    const line = [9001, 9002, 9003, 9004];
    for (const at of [0, 400, 1000]) {
      const edited = [...present.slice(0, at), ...line, ...present.slice(at)];
      expect(staleShare(edited, present)).toBeGreaterThan(0);
      expect(staleShare(edited, present)).toBeLessThan(0.02);
    }
  });
});
