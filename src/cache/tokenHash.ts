import { createHash } from 'node:crypto';
import { endianness } from 'node:os';

/** Hex digits kept of each SHA-256: 128 bits, enough for names that are never compared alone. */
export const hashLength = 32;

/** The first 32 hex digits of the SHA-256 of the parts, one after the other. */
export function shortHash(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex').slice(0, hashLength);
}

/** Hash of token ids alone (four little-endian bytes each), for the `tokensHash` of a manifest. */
export function hashTokens(tokens: Int32Array): string {
  return shortHash(littleEndianBytes(tokens));
}

/** The ids as bytes whose order does not depend on the machine. */
export function littleEndianBytes(tokens: Int32Array): Uint8Array {
  const bytes = Buffer.from(tokens.buffer, tokens.byteOffset, tokens.byteLength);
  return endianness() === 'LE' ? bytes : Buffer.from(bytes).swap32();
}
