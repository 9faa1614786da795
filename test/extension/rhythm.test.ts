import { describe, expect, it } from 'vitest';
import { Rhythm } from '../../src/extension/inline/rhythm.ts';

function rhythm(intervalMs: number, latencyMs: number): Rhythm {
  const measured = new Rhythm();
  for (let key = 0; key < 40; key++) {
    measured.key(key * intervalMs);
    measured.answered(latencyMs);
  }
  return measured;
}

describe('Rhythm', () => {
  it('does not wait when answers come before the next key', () => {
    expect(rhythm(200, 80).delayMs('word')).toBe(0);
  });

  it('waits until the rhythm breaks when they do not, but not for ever', () => {
    expect(rhythm(100, 800).delayMs('word')).toBe(120);
    expect(rhythm(1_000, 8_000).delayMs('word')).toBe(400);
  });

  it('does not wait because one answer took long', () => {
    const measured = rhythm(200, 80);
    measured.answered(4_000);
    expect(measured.delayMs('word')).toBe(0);
  });

  it('waits less where something begins', () => {
    const slow = rhythm(100, 800);
    for (const prefix of ['call(', 'object.', 'word ', 'line\n']) {
      expect(slow.delayMs(prefix)).toBe(60);
    }
  });

  it('takes a rest for no rhythm', () => {
    const rested = rhythm(100, 800);
    rested.key(10_000_000);
    expect(rested.delayMs('word')).toBe(120);
  });

  it('learns from cancelled requests only that they take longer', () => {
    const measured = rhythm(100, 100);
    measured.cancelled(10);
    expect(measured.delayMs('word')).toBe(0);
    for (let time = 0; time < 20; time++) measured.cancelled(900);
    expect(measured.delayMs('word')).toBe(120);
  });
});
