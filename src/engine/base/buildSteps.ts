/** In which steps a base is built that takes long: what was evaluated is not lost when it ends under way. */
import { commonPrefixLength } from '../../cache/tokenPrefix.ts';
import type { BasePrompt } from '../prompt/basePrompt.ts';

/** Less is evaluated again sooner than it is written. */
const worthKeepingTokens = 1024;

export interface BuildStep {
  /** So many tokens are put in place by this step. */
  readonly end: number;
  /** Lengths on the way at which what was evaluated is kept in a file, ascending. */
  readonly keepAt: readonly number[];
}

/**
 * While the present base is no more than a beginning of `wanted` its layers are put in place one after the other: each
 * serves better than the one before. A present base with anything else serves better than a part of the new one, which is
 * then only kept, and put in place as a whole.
 */
export function buildSteps(wanted: BasePrompt, present: readonly number[]): readonly BuildStep[] {
  const { length } = wanted.tokens;
  const shared = commonPrefixLength(present, wanted.tokens);
  const points = layerPoints(wanted, shared);
  if (shared < present.length) return [{ end: length, keepAt: points }];
  return [...points, length].map((end) => ({ end, keepAt: [] }));
}

/** Ends of layers that are far enough from each other and from both ends. */
function layerPoints({ tokens, layerEnds }: BasePrompt, shared: number): readonly number[] {
  const points: number[] = [];
  let last = shared;
  for (const end of layerEnds) {
    if (end - last < worthKeepingTokens || tokens.length - end < worthKeepingTokens) continue;
    points.push(end);
    last = end;
  }
  return points;
}
