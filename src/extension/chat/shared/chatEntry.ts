/** Questions and answers as they are kept and shown. Shared with the panel: neither vscode nor DOM here. */

export type ChatEntry = QuestionEntry | AnswerEntry;

export interface QuestionEntry {
  readonly kind: 'question';
  readonly id: number;
  /** As it was typed. */
  readonly text: string;
  /** What the model reads instead, where a slash command was typed. */
  readonly prompt?: string | undefined;
  readonly attachments?: readonly Attachment[] | undefined;
}

export interface Attachment {
  readonly name: string;
  /** Workspace-relative POSIX path, for what comes from a file. */
  readonly path?: string | undefined;
  readonly languageId?: string | undefined;
  readonly text: string;
}

export interface AnswerEntry {
  readonly kind: 'answer';
  readonly id: number;
  /** As generated, thinking included. */
  readonly text: string;
  readonly state: 'streaming' | 'done' | 'stopped' | 'failed';
  /** Why it is not whole, in words. */
  readonly note?: string | undefined;
  readonly stats?: AnswerStats | undefined;
  /** What encloses thinking in the text. */
  readonly thinking?: { readonly open: string; readonly close: string } | undefined;
}

export interface AnswerStats {
  readonly evaluated: number;
  readonly reused: number;
  readonly generated: number;
  readonly firstTokenMs: number;
  readonly tokensPerSecond: number;
}
