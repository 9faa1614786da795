/** How long the parts of a completion prompt may be, by what this machine evaluates in the time a person waits. */
import { defaultAnchorLimits, type AnchorLimits } from './anchor.ts';

/** How long a new place in a file may take to its first suggestion because of its suffix, in ms. */
const latencyTargetMs = 400;
/** Assumed until it was measured: a small model on a processor without GPU. */
const assumedMsPerToken = 5;
const charsPerToken = 3.5;
/** Prefixes are evaluated once and then kept in the file's session: they may cost several times the target. */
const prefixFactor = 9;

export interface PromptBudget {
  readonly limits: AnchorLimits;
  /** For what stands between base and document. */
  readonly contextTokens: number;
  /** What may be evaluated again to have better context. */
  readonly reviseTokens: number;
}

export function promptBudget(msPerToken: number | undefined): PromptBudget {
  const affordable = latencyTargetMs / (msPerToken ?? assumedMsPerToken);
  const chars = (tokens: number): number => Math.round(tokens * charsPerToken);
  return {
    limits: {
      ...defaultAnchorLimits,
      prefixChars: chars(between(512, affordable * prefixFactor, 4096)),
      suffixChars: chars(between(64, affordable, 1024)),
    },
    contextTokens: Math.floor(between(64, affordable * 2, 2048)),
    reviseTokens: Math.floor(between(32, affordable, 512)),
  };
}

function between(low: number, value: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}
