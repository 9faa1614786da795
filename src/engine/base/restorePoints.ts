/** Where a base that takes long to build is published on the way. */
import { commonPrefixLength } from '../../cache/tokenPrefix.ts';
import type { BasePrompt } from '../prompt/basePrompt.ts';

/** Less is evaluated again sooner than it is written. */
const worthKeepingTokens = 1024;

/**
 * The lengths at which `wanted` is put in place, ascending; the last one is its own. In between are ends of layers, but
 * only while the present base is no more than a beginning of it: else that serves better than a shorter new one.
 */
export function restorePoints(wanted: BasePrompt, present: readonly number[]): readonly number[] {
  const { length } = wanted.tokens;
  const shared = commonPrefixLength(present, wanted.tokens);
  if (shared < present.length) return [length];
  const points: number[] = [];
  let last = shared;
  for (const end of wanted.layerEnds) {
    if (end - last < worthKeepingTokens || length - end < worthKeepingTokens) continue;
    points.push(end);
    last = end;
  }
  return [...points, length];
}
