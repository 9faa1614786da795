/** When a crashed engine is started again. Pure: the caller says what time it is. */

export interface RestartPolicyOptions {
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
  /** The crash that reaches this number within `windowMs` is the last one. */
  readonly maxCrashes: number;
  readonly windowMs: number;
}

const defaultRestartPolicy: RestartPolicyOptions = {
  firstDelayMs: 250,
  maxDelayMs: 10_000,
  maxCrashes: 5,
  windowMs: 3 * 60_000,
};

export type RestartDecision =
  | { readonly kind: 'restart'; readonly delayMs: number }
  | { readonly kind: 'giveUp'; readonly crashes: number };

export class RestartPolicy {
  readonly #options: RestartPolicyOptions;
  #crashTimes: number[] = [];

  constructor(options: Partial<RestartPolicyOptions> = {}) {
    this.#options = { ...defaultRestartPolicy, ...options };
  }

  crashed(nowMs: number): RestartDecision {
    const { firstDelayMs, maxDelayMs, maxCrashes, windowMs } = this.#options;
    this.#crashTimes = [...this.#crashTimes.filter((time) => nowMs - time < windowMs), nowMs];
    const crashes = this.#crashTimes.length;
    if (crashes >= maxCrashes) return { kind: 'giveUp', crashes };
    return { kind: 'restart', delayMs: Math.min(maxDelayMs, firstDelayMs * 2 ** (crashes - 1)) };
  }

  /** A person asked for a restart: past crashes no longer count. */
  reset(): void {
    this.#crashTimes = [];
  }
}
