/** Which model served last, and when to offer it again. Pure; what it remembers is kept by the caller. */

export interface FormerModelState {
  /** The setting's value with which an engine got ready. */
  readonly working: string | undefined;
  /** Failures that were told already. */
  readonly told: ReadonlySet<string>;
}

/** The value to go back to after `chosen` failed; undefined: there is none, or it was offered already. */
export function formerToOffer(
  chosen: string,
  { working, told }: FormerModelState,
): string | undefined {
  return working === undefined || working === chosen || told.has(chosen) ? undefined : working;
}
