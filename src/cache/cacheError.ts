/** Every code a {@link CacheError} can carry; stable, for callers and logs. */
export type CacheErrorCode =
  /** The cache directory cannot be used: not a directory, or another user's. */
  | 'ERR_WARMFORK_CACHE_ROOT'
  /** An argument is malformed (a fingerprint, base id, chat id, URI, budget …). */
  | 'ERR_WARMFORK_CACHE_ARGUMENT'
  /** The file given to publish or commit is missing, not regular, or not as long as the caller says. */
  | 'ERR_WARMFORK_CACHE_FILE'
  /** A model file is not a GGUF file this program can read. */
  | 'ERR_WARMFORK_NOT_GGUF'
  /** A model file cannot be opened or read. */
  | 'ERR_WARMFORK_MODEL_UNREADABLE';

/** A fault of the cache layer. A miss is never one: misses are `undefined`. */
export class CacheError extends Error {
  readonly code: CacheErrorCode;

  constructor(code: CacheErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CacheError';
    this.code = code;
  }
}

/** Throws an `ERR_WARMFORK_CACHE_ARGUMENT` unless `condition` holds. */
export function requireArgument(condition: boolean, message: string): asserts condition {
  if (!condition) throw new CacheError('ERR_WARMFORK_CACHE_ARGUMENT', message);
}
