import type { Budget } from './budget.ts';
import type { CountTokens } from './contextItem.ts';
import type { ProjectFiles } from './projectFiles.ts';

/** What a layer makes its items from; its items' tokens are taken from the budget. */
export interface ItemSource {
  readonly files: ProjectFiles;
  /** Paths that may be shown, sorted. */
  readonly paths: readonly string[];
  readonly countTokens: CountTokens;
  readonly budget: Budget;
  readonly signal?: AbortSignal | undefined;
}
