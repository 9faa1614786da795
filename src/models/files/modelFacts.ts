import { basename } from 'node:path';
import type { GgufRange, GgufValue } from '../../base/gguf/ggufHeader.ts';
import type { ModelFileFacts } from '../../protocol/models.ts';
import type { ReadHeader } from './readHeader.ts';

/** What llama.cpp takes for the token before the prefix, where the metadata do not name one. */
const fimPrefixTokens = [
  '<|fim_prefix|>',
  '<fim-prefix>',
  '<fim_prefix>',
  '<｜fim▁begin｜>',
  '<PRE>',
  '▁<PRE>',
  '<|code_prefix|>',
  '<|prefix|>',
];

/** `general.file_type` (`llama_ftype`). */
const fileTypes: Readonly<Record<number, string>> = {
  ...{ 0: 'F32', 1: 'F16', 2: 'Q4_0', 3: 'Q4_1', 7: 'Q8_0', 8: 'Q5_0', 9: 'Q5_1', 10: 'Q2_K' },
  ...{ 11: 'Q3_K_S', 12: 'Q3_K_M', 13: 'Q3_K_L', 14: 'Q4_K_S', 15: 'Q4_K_M', 16: 'Q5_K_S' },
  ...{ 17: 'Q5_K_M', 18: 'Q6_K', 19: 'IQ2_XXS', 20: 'IQ2_XS', 21: 'Q2_K_S', 22: 'IQ3_XS' },
  ...{ 23: 'IQ3_XXS', 24: 'IQ1_S', 25: 'IQ4_NL', 26: 'IQ3_S', 27: 'IQ3_M', 28: 'IQ2_S' },
  ...{ 29: 'IQ2_M', 30: 'IQ4_XS', 31: 'IQ1_M', 32: 'BF16', 36: 'TQ1_0', 37: 'TQ2_0', 38: 'MXFP4' },
};

export function modelFacts(path: string, { metadata, bytes }: ReadHeader): ModelFileFacts {
  const architecture = text(metadata.get('general.architecture')) ?? '';
  const fileType = metadata.get('general.file_type');
  const context = metadata.get(`${architecture}.context_length`);
  return {
    name: text(metadata.get('general.name')) ?? basename(path).replace(/\.gguf$/i, ''),
    architecture,
    quantisation: typeof fileType === 'number' ? fileTypes[fileType] : undefined,
    contextTokens: typeof context === 'number' ? context : undefined,
    fim: hasFim(metadata, bytes),
    standIn: metadata.get('warmfork.stand_in') === true,
  };
}

function hasFim(metadata: ReadonlyMap<string, GgufValue>, bytes: Buffer): boolean {
  const named = ['fim_pre_token_id', 'prefix_token_id'];
  if (named.some((key) => metadata.has(`tokenizer.ggml.${key}`))) return true;
  const tokens = metadata.get('tokenizer.ggml.tokens');
  return isRange(tokens) && fimPrefixTokens.some((token) => hasToken(bytes, tokens, token));
}

/** Looks for a string of just these bytes: its length stands before it. */
function hasToken(bytes: Buffer, { start, end }: GgufRange, token: string): boolean {
  const wanted = Buffer.from(token);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(wanted.length));
  return bytes.subarray(start, end).includes(Buffer.concat([length, wanted]));
}

function isRange(value: GgufValue | undefined): value is GgufRange {
  return typeof value === 'object';
}

function text(value: GgufValue | undefined): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}
