import { expect, test } from 'vitest';
import { computeBaseId, parseBaseId } from '../../src/cache/baseId.ts';
import {
  canonicalJson,
  computeFingerprint,
  type FingerprintParts,
  parseFingerprint,
} from '../../src/cache/fingerprint.ts';
import { hashTokens } from '../../src/cache/tokenHash.ts';

const parts: FingerprintParts = {
  llamaRelease: 'v0.5.0',
  sessionVersion: 10,
  sequenceVersion: 3,
  model: { sizeBytes: 5, headerHash: 'a', contentHash: 'b' },
  kvTypeK: 'f16',
  kvTypeV: 'f16',
  flashAttention: true,
  ropeFreqBase: 1e6,
  ropeFreqScale: 1,
  yarn: [-1, 1, 32, 1, 0],
  attentionRotation: true,
  kvUnified: true,
  swaFull: false,
  adapters: [],
  promptLayoutVersion: 1,
};

test('the fingerprint does not depend on the order of keys', () => {
  const reversed = Object.fromEntries(Object.entries(parts).reverse()) as unknown as typeof parts; // same keys
  expect(Object.keys(reversed)).not.toEqual(Object.keys(parts));
  expect(computeFingerprint(reversed)).toBe(computeFingerprint(parts));
  expect(computeFingerprint(parts)).toMatch(/^[0-9a-f]{32}$/);
});

const changes: Required<{ [K in keyof FingerprintParts]: FingerprintParts[K] }> = {
  llamaRelease: 'v0.5.1',
  sessionVersion: 11,
  sequenceVersion: 4,
  model: { sizeBytes: 5, headerHash: 'a', contentHash: 'c' },
  kvTypeK: 'q8_0',
  kvTypeV: 'q8_0',
  flashAttention: false,
  ropeFreqBase: 1e4,
  ropeFreqScale: 0.5,
  yarn: [-1, 1, 32, 2, 0],
  attentionRotation: false,
  kvUnified: false,
  swaFull: true,
  adapters: ['x@1'],
  promptLayoutVersion: 2,
};

test.each(Object.entries(changes))('%s is part of the fingerprint', (key, value) => {
  expect(computeFingerprint({ ...parts, [key]: value })).not.toBe(computeFingerprint(parts));
});

test('canonical JSON sorts keys at every depth and refuses what JSON cannot say', () => {
  expect(canonicalJson({ b: [1, { d: null, c: 'x' }], a: true })).toBe(
    '{"a":true,"b":[1,{"c":"x","d":null}]}',
  );
  expect(() => computeFingerprint({ ...parts, ropeFreqBase: Number.NaN })).toThrow(
    expect.objectContaining({ code: 'ERR_WARMFORK_CACHE_ARGUMENT' }),
  );
});

test('a base id names the fingerprint and every token', () => {
  const fingerprint = computeFingerprint(parts);
  const other = computeFingerprint({ ...parts, kvTypeK: 'q8_0' });
  const ids = [
    computeBaseId(fingerprint, Int32Array.of(1, 2, 3)),
    computeBaseId(fingerprint, Int32Array.of(1, 2)),
    computeBaseId(fingerprint, Int32Array.of(1, 3, 2)),
    computeBaseId(other, Int32Array.of(1, 2, 3)),
  ];
  expect(new Set(ids).size).toBe(ids.length);
  const view = Int32Array.of(9, 1, 2, 3, 9).subarray(1, 4);
  expect(computeBaseId(fingerprint, view)).toBe(ids[0]);
});

test('hashes of tokens are those of their little-endian bytes', () => {
  // printf '\1\0\0\0\377\377\377\377' | sha256sum
  expect(hashTokens(Int32Array.of(1, -1))).toBe('b15348c8f462384c01e83b6d499c6faf');
});

test.each(['', 'g'.repeat(32), 'a'.repeat(31), `${'a'.repeat(32)}\n`, '../'.repeat(11)])(
  '%j is neither a fingerprint nor a base id',
  (text) => {
    const refusal: unknown = expect.objectContaining({ code: 'ERR_WARMFORK_CACHE_ARGUMENT' });
    expect(() => parseFingerprint(text)).toThrow(refusal);
    expect(() => parseBaseId(text)).toThrow(refusal);
  },
);
