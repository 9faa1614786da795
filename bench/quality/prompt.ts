/** The completion prompt of a case, as the engine makes it for a file that is opened anew. */
import { anchorParts } from '../../src/engine/prompt/anchor.ts';
import { fimPrompt } from '../../src/engine/prompt/fimPrompt.ts';
import type { Tokenizer } from '../../src/engine/inference/tokenizer.ts';
import type { QualityCase } from './cases.ts';

export interface CasePrompt {
  /** Above the base. */
  readonly tokens: readonly number[];
  /** Bytes that the continuation begins with; empty without token healing. */
  readonly healing: Uint8Array;
}

export function casePrompt(
  tokenizer: Tokenizer,
  { path, prefix, suffix }: QualityCase,
  healing: boolean,
): CasePrompt {
  const parts = anchorParts({ prefix, suffix, firstLine: 0 }, undefined);
  const prompt = fimPrompt(tokenizer, path, parts);
  if (healing) return prompt;
  const takenBack = tokenizer.text(new TextDecoder().decode(prompt.healing));
  return { tokens: [...prompt.tokens, ...takenBack], healing: new Uint8Array() };
}
