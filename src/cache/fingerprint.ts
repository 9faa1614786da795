import type { Brand } from '../base/brand.ts';
import { requireArgument } from './cacheError.ts';
import { shortHash } from './tokenHash.ts';

/** 32 hex digits that name everything KV cells depend on besides the tokens. */
export type Fingerprint = Brand<string, 'Fingerprint'>;

/** What tells one model file from another without reading all of it. */
export interface ModelIdentity {
  readonly sizeBytes: number;
  /** Hash of metadata and tensor infos: architecture, vocabulary, chat template, tensor shapes. */
  readonly headerHash: string;
  /** Hash of evenly spaced samples of the weights and of their end. */
  readonly contentHash: string;
}

/** Everything that must be equal for KV cells of one run to be valid in another. */
export interface FingerprintParts {
  /** Release of llama.cpp the cells were computed with. */
  readonly llamaRelease: string;
  /** `LLAMA_SESSION_VERSION` and `LLAMA_STATE_SEQ_VERSION` of that release. */
  readonly sessionVersion: number;
  readonly sequenceVersion: number;
  readonly model: ModelIdentity;
  readonly kvTypeK: string;
  readonly kvTypeV: string;
  readonly flashAttention: boolean;
  readonly ropeFreqBase: number;
  readonly ropeFreqScale: number;
  /** YaRN parameters in llama.cpp's order: ext_factor, attn_factor, beta_fast, beta_slow, orig_ctx. */
  readonly yarn: readonly number[];
  /** Whether llama.cpp stores quantised K/V rotated; its files do not say (`LLAMA_ATTN_ROT_DISABLE`). */
  readonly attentionRotation: boolean;
  readonly kvUnified: boolean;
  readonly swaFull: boolean;
  /** Adapters (hash and scale each), in the order they are applied. */
  readonly adapters: readonly string[];
  /** Raised whenever the prompt builder lays out the same project differently. */
  readonly promptLayoutVersion: number;
}

/** The fingerprint of `parts`; the order in which their keys were written does not matter. */
export function computeFingerprint(parts: FingerprintParts): Fingerprint {
  return shortHash(canonicalJson(parts)) as Fingerprint; // the constructor of the brand
}

/** Checks text that claims to be a fingerprint; throws `ERR_WARMFORK_CACHE_ARGUMENT` otherwise. */
export function parseFingerprint(text: string): Fingerprint {
  requireArgument(/^[0-9a-f]{32}$/.test(text), `not a fingerprint: ${JSON.stringify(text)}`);
  return text as Fingerprint; // just checked
}

/** JSON with sorted keys. Non-finite numbers, which JSON would turn into `null`, are refused. */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'number') {
    requireArgument(Number.isFinite(value), 'a fingerprint part is not a finite number');
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}
