/** What of a server's context the parts of a prompt may take. */
import { defaultAnchorLimits } from '../prompt/anchor.ts';
import type { PlaceLimits } from './places.ts';
import type { ServerFacts } from './serverKind.ts';

/** Assumed of a server that does not say. */
export const assumedContextTokens = 8_192;
/** Until the server has counted. */
export const assumedCharsPerToken = 3.5;

/**
 * llama-server's `/infill` cuts prefix and suffix to parts of a batch, and takes from the beginning of the project what
 * does not fit beside one: all of that would change what it has evaluated. So much is never sent.
 */
const infillBatch = 2_048;
const infillPrefix = (infillBatch / 4) * 3;
const infillSuffix = infillBatch / 4;
/** Of the suffix's part the typed text takes some. */
const infillMiddle = 192;
const largestProject = 16_384;

export interface ServerBudget {
  readonly projectTokens: number;
  readonly places: PlaceLimits;
}

export function serverBudget(
  { infills: isInfill = false }: Pick<ServerFacts, 'infills'>,
  contextTokens: number,
  baseTokens: number | null,
  charsPerToken: number,
): ServerBudget {
  const chars = (tokens: number): number => Math.floor(tokens * charsPerToken);
  const quarter = Math.floor(contextTokens / 4);
  const prefix = Math.min(quarter, isInfill ? infillPrefix : 4_096);
  const suffix = Math.min(Math.floor(quarter / 2), isInfill ? infillSuffix - infillMiddle : 1_024);
  const middle = isInfill ? infillMiddle : 512;
  const context = Math.min(1_024, Math.floor(contextTokens / 16));
  const room = contextTokens - (isInfill ? infillBatch : prefix + suffix + middle) - context - 512;
  const wanted = Math.min(baseTokens ?? largestProject, Math.floor(contextTokens / 2));
  return {
    projectTokens: Math.max(0, Math.min(wanted, room)),
    places: {
      anchor: {
        ...defaultAnchorLimits,
        prefixChars: chars(prefix),
        suffixChars: chars(suffix),
        middleChars: Math.min(defaultAnchorLimits.middleChars, chars(middle)),
      },
      contextChars: chars(context),
    },
  };
}
