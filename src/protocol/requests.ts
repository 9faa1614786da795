/** Parameters and results of the requests that the host sends to the engine. */

export interface RequestStats {
  readonly promptTokens: number;
  /** Prompt tokens that went through `llama_decode` for this request. */
  readonly evaluated: number;
  /** Prompt tokens that were already in the KV cells: base, file session or chat session. */
  readonly reused: number;
  readonly generated: number;
  /** Time the request waited for the inference thread, in ms. */
  readonly queuedMs: number;
  readonly forkMs: number;
  readonly firstTokenMs: number;
  readonly totalMs: number;
  /** True when its session came back from its file for this request. */
  readonly sessionRestored: boolean;
}

export interface CompletionParams {
  readonly uri: string;
  /** Workspace-relative POSIX path, or the file name outside of a workspace. */
  readonly path: string;
  readonly languageId: string;
  /** Document text from the start of line `firstLine` to the cursor. */
  readonly prefix: string;
  /** 0-based number of the first line in `prefix`; the window is long and may start at line 0. */
  readonly firstLine: number;
  /** Document text after the cursor (may be cut). */
  readonly suffix: string;
  readonly maxTokens?: number;
  /** Stop at the first line end. Default: decided from the text around the cursor. */
  readonly singleLine?: boolean;
  readonly sampling?: SamplingParams;
  /** Default `automatic`. */
  readonly trigger?: CompletionTrigger;
  /** How many different suggestions to offer, best first; at most 8. Default 1. */
  readonly candidates?: number;
  /** What is known besides the document's own text; used as far as the latency target allows. */
  readonly context?: CompletionContext;
  /** After so many ms a suggestion ends at the next line end, or at once where it has one line. Default: no bound. */
  readonly budgetMs?: number;
}

/**
 * `automatic`: somebody typed. `invoke`: somebody asked for it. `prefetch`: nobody waits for it yet; it comes after
 * chat, and nothing is pushed out of memory for it.
 */
export type CompletionTrigger = 'automatic' | 'invoke' | 'prefetch';

/** Each list begins with what matters most. */
export interface CompletionContext {
  /** What was changed lately, in this and other files. */
  readonly recentEdits?: readonly Snippet[];
  /** What other open editors show. */
  readonly openEditors?: readonly Snippet[];
  /** Where imported symbols are defined. */
  readonly definitions?: readonly Snippet[];
  /** Near the cursor. */
  readonly diagnostics?: readonly DiagnosticNote[];
}

export interface Snippet {
  /** Workspace-relative POSIX path. */
  readonly path: string;
  readonly text: string;
}

export interface DiagnosticNote {
  /** 0-based. */
  readonly line: number;
  readonly message: string;
  readonly severity: 'error' | 'warning' | 'information' | 'hint';
}

/** Greedy when absent. */
export interface SamplingParams {
  readonly temperature: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly seed?: number;
}

export interface CompletionResult {
  /** Text to insert at the cursor; empty when there is nothing to offer. */
  readonly text: string;
  /** Different suggestions, best first: `candidates[0]` is `text`. Empty when there is nothing to offer. */
  readonly candidates: readonly string[];
  readonly stopReason: StopReason;
  readonly stats: RequestStats;
  /** The base session it was made on; absent while there is none. */
  readonly baseId?: string;
  /** Why there is nothing to offer; absent where there is something, and where the model offered nothing. */
  readonly dropped?: DropReason;
}

/** A filter's name, or why the model was not asked. */
export type DropReason = 'secretFile' | 'contextFull' | 'serverAway' | FilterName;

/** The filters of `src/engine/filters`. */
export type FilterName =
  | 'specialTokens'
  | 'whitespaceOnly'
  | 'repetition'
  | 'repeatsNextLines'
  | 'suffixOverlap'
  | 'brackets'
  | 'indentation'
  | 'secrets';

/** Text that was added to the suggestion; what is offered in the end may be shorter. */
export interface CompletionDelta {
  readonly text: string;
}

export type StopReason = 'endOfText' | 'stop' | 'length' | 'cancelled';

export interface FileParams {
  readonly uri: string;
}

export interface SaveResult {
  readonly saved: number;
  readonly bytes: number;
}

export interface RemoveResult {
  readonly removed: number;
  readonly bytes: number;
}
