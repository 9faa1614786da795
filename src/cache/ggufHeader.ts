import { readGgufHeader } from '../base/gguf/ggufHeader.ts';
import { GgufError } from '../base/gguf/headerReader.ts';
import { CacheError } from './cacheError.ts';

/**
 * Length in bytes of the header of a GGUF file (metadata and tensor infos, without the padding before
 * the tensor data), or `undefined` if `prefix` ends before it does. Throws `ERR_WARMFORK_NOT_GGUF`.
 */
export function ggufHeaderLength(prefix: Buffer, fileBytes: number): number | undefined {
  try {
    return readGgufHeader(prefix, fileBytes)?.length;
  } catch (error) {
    if (error instanceof GgufError) throw new CacheError(error.code, error.message);
    throw error;
  }
}
