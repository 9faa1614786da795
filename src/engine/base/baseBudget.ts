/** How many tokens the base may have. */

/** What this machine evaluates in about this time, once per project, is what a base may cost by itself, in s. */
const affordableSeconds = 60;
const smallestTokens = 1024;

export interface BaseBudget {
  readonly tokens: number;
  /** Why so many, in words for people. */
  readonly why: string;
}

export interface BaseBudgetFacts {
  /** What a person set; null leaves it to the machine. */
  readonly setting: number | null;
  readonly contextTokens: number;
  /** How fast prompts are evaluated; undefined when it could not be measured. */
  readonly tokensPerSecond: number | undefined;
}

/**
 * At most half of the context: the other half is for files and chats. Without a setting the budget is a power of two, so
 * that a machine that is a little faster or slower today than yesterday does not make another base of the same project.
 */
export function baseBudget({
  setting,
  contextTokens,
  tokensPerSecond,
}: BaseBudgetFacts): BaseBudget {
  const half = Math.floor(contextTokens / 2);
  if (setting !== null) {
    return setting <= half
      ? { tokens: setting, why: 'as set' }
      : { tokens: half, why: 'half of the context; more was set' };
  }
  if (tokensPerSecond === undefined) {
    return { tokens: Math.min(half, smallestTokens), why: 'the speed could not be measured' };
  }
  const affordable = 2 ** Math.round(Math.log2(tokensPerSecond * affordableSeconds));
  const tokens = Math.max(smallestTokens, affordable);
  return tokens < half
    ? { tokens, why: `what this machine evaluates in about ${affordableSeconds} s` }
    : { tokens: half, why: 'half of the context' };
}
