/** What host and engine tell each other about the project that the base is made of. */

/** Files that were written, made or removed, in one batch. Content is read from disk, not sent. */
export interface ProjectChange {
  readonly uris: readonly string[];
  /** More happened than is named, or it is not known what: the whole project may be another one. */
  readonly incomplete: boolean;
}

/** What a person wants in the project context and out of it: globs relative to a workspace folder. */
export interface ContextChoice {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

export interface ContextReportItem {
  readonly layer: string;
  readonly path: string;
  readonly tokens: number;
  readonly why: string;
}

export interface ContextReportGap {
  /** Of a folder: with a slash at its end. */
  readonly path: string;
  readonly reason: string;
}

/** The project context as it would be now, and how much of it the present base has. */
export interface ContextReport {
  readonly name: string;
  readonly budgetTokens: number;
  /** Why the budget is what it is, in words. */
  readonly budgetWhy: string;
  /** In the order of the prompt. */
  readonly items: readonly ContextReportItem[];
  readonly leftOut: readonly ContextReportGap[];
  /** Tokens of the base that serves now; 0 when there is none. */
  readonly baseTokens: number;
  /** Share of the context as it is now that this base lacks, 0 to 1. */
  readonly staleShare: number;
  readonly trusted: boolean;
}
