import type { Brand } from '../base/brand.ts';
import { requireArgument } from './cacheError.ts';
import type { Fingerprint } from './fingerprint.ts';
import { littleEndianBytes, shortHash } from './tokenHash.ts';

/** Names one base session: 32 hex digits over the fingerprint and every token id. */
export type BaseId = Brand<string, 'BaseId'>;

/** The id of the base made of `tokens` under `fingerprint`. */
export function computeBaseId(fingerprint: Fingerprint, tokens: Int32Array): BaseId {
  return shortHash(fingerprint, '\0', littleEndianBytes(tokens)) as BaseId; // the constructor of the brand
}

/** Checks text that claims to be a base id; throws `ERR_WARMFORK_CACHE_ARGUMENT` otherwise. */
export function parseBaseId(text: string): BaseId {
  requireArgument(/^[0-9a-f]{32}$/.test(text), `not a base id: ${JSON.stringify(text)}`);
  return text as BaseId; // just checked
}
