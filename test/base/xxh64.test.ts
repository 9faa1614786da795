import { describe, expect, it } from 'vitest';
import { Xxh64 } from '../../src/base/xxh64.ts';

/** Bytes that depend on everything before them. */
function someBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let x = 1;
  for (let i = 0; i < length; i++) {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    bytes[i] = x >>> 24;
  }
  return bytes;
}

describe('Xxh64', () => {
  // From the reference implementation (xxhsum 0.8).
  it.each([
    ['', 'ef46db3751d8e999'],
    ['a', 'd24ec4f1a98c6e5b'],
    ['abc', '44bc2cf5ad770999'],
    ['message digest', '066ed728fceeb3be'],
    ['abcdefghijklmnopqrstuvwxyz', 'cfe1f278fa89835c'],
    ['ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789', 'aaa46907d3047814'],
    ['1234567890'.repeat(8), 'e04a477f19ee145d'],
  ])('hashes %j', (text, digest) => {
    expect(new Xxh64().update(Buffer.from(text)).digest()).toBe(digest);
  });

  it('gives the same however the bytes are split', () => {
    const bytes = someBytes(1000);
    const whole = new Xxh64().update(bytes).digest();
    for (const step of [1, 7, 31, 32, 33, 64, 100, 999]) {
      const hash = new Xxh64();
      for (let at = 0; at < bytes.length; at += step) hash.update(bytes.subarray(at, at + step));
      expect(hash.digest(), `in steps of ${step}`).toBe(whole);
    }
  });

  it('sees every bit', () => {
    const digests = new Set([new Xxh64().update(someBytes(77)).digest()]);
    for (let bit = 0; bit < 77 * 8; bit++) {
      const bytes = someBytes(77);
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      digests.add(new Xxh64().update(bytes).digest());
    }
    expect(digests.size).toBe(77 * 8 + 1);
  });
});
