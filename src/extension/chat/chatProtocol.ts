/** The messages between the extension and the chat panel. Shared by both sides: neither vscode nor DOM here. */

export interface Conversation {
  readonly id: string;
  readonly entries: readonly ChatEntry[];
}

export type ChatEntry = QuestionEntry | AnswerEntry;

interface QuestionEntry {
  readonly kind: 'question';
  readonly id: number;
  readonly text: string;
}

export interface AnswerEntry {
  readonly kind: 'answer';
  readonly id: number;
  readonly text: string;
  readonly state: 'streaming' | 'done' | 'stopped' | 'failed';
  /** Why it is not whole, in words. */
  readonly note?: string | undefined;
  readonly stats?: AnswerStats | undefined;
}

export interface AnswerStats {
  readonly evaluated: number;
  readonly reused: number;
  readonly firstTokenMs: number;
  readonly tokensPerSecond: number;
}

export interface ChatStatus {
  readonly words: string;
  readonly isReady: boolean;
  readonly isStandIn: boolean;
}

export type FromWebview =
  | { readonly kind: 'ready' }
  | { readonly kind: 'send'; readonly text: string }
  | { readonly kind: 'stop' }
  | { readonly kind: 'retry' }
  | { readonly kind: 'newChat' }
  | { readonly kind: 'copy'; readonly text: string }
  | { readonly kind: 'selectModel' };

export type ToWebview =
  | { readonly kind: 'conversation'; readonly conversation: Conversation }
  /** The answer with this id is over. */
  | { readonly kind: 'entry'; readonly entry: AnswerEntry }
  | { readonly kind: 'delta'; readonly id: number; readonly text: string }
  | { readonly kind: 'status'; readonly status: ChatStatus };
