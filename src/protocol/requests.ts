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
  readonly stopReason: StopReason;
  readonly stats: RequestStats;
}

export type StopReason = 'endOfText' | 'stop' | 'length' | 'cancelled';

export interface ChatMessage {
  readonly role: 'user' | 'assistant';
  readonly content: string;
}

export interface ChatParams {
  readonly chatId: string;
  /** The whole conversation, the last one from the user. What was evaluated before is not evaluated again. */
  readonly messages: readonly ChatMessage[];
  readonly maxTokens?: number;
  readonly sampling?: SamplingParams;
}

export interface ChatDelta {
  readonly text: string;
}

export interface ChatResult {
  readonly text: string;
  readonly stopReason: StopReason;
  readonly stats: RequestStats;
}

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
