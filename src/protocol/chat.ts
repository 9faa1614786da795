/** Chat requests of the host and what the engine answers. */
import type { RequestStats, SamplingParams, StopReason } from './requests.ts';

export interface ChatMessage {
  readonly role: 'user' | 'assistant';
  /** An assistant's text as it was generated, thinking included. */
  readonly content: string;
  /** Shown to the model before the content; of a user's message only. */
  readonly attachments?: readonly ChatAttachment[];
}

/** A piece of the project that goes with a question. Secrets in it are left out by the engine. */
export interface ChatAttachment {
  /** What the model is told it is: a path with lines, `Problems`, … */
  readonly name: string;
  /** Workspace-relative POSIX path, for what comes from a file. */
  readonly path?: string;
  readonly languageId?: string;
  readonly text: string;
}

/** One conversation, or one branch of it: each has a session of its own. */
export interface ChatSessionParams {
  readonly chatId: string;
  /** The whole conversation. What was evaluated before is not evaluated again. */
  readonly messages: readonly ChatMessage[];
  /** Where this session has nothing yet it begins as a fork of that one, at the last token both share. */
  readonly branchOf?: string;
  /** Its session stays in memory: no file is written. */
  readonly isPrivate?: boolean;
}

export interface ChatParams extends ChatSessionParams {
  /** Default 1,024; less where the context has less room. */
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
  /** Absent when it was cancelled before it began. */
  readonly context?: ChatContext;
  /** Messages at the beginning that no longer fit and were left out. */
  readonly dropped?: number;
  /** What encloses the model's thinking in `text`; absent when the model does not think aloud. */
  readonly thinking?: ThinkingMarks;
}

export interface ThinkingMarks {
  readonly open: string;
  readonly close: string;
}

/** Tokens of the context, by what they are spent on. */
export interface ChatContext {
  /** All there are. */
  readonly window: number;
  readonly base: number;
  /** Turns and the system message. */
  readonly history: number;
  readonly attachments: number;
  /** Left for this conversation. */
  readonly room: number;
}

/** Brings a conversation's session into memory, so that the next question finds it there. */
export interface OpenChatParams extends ChatSessionParams {
  /** Also evaluates what the session lacks, in the background. Default false. */
  readonly evaluate?: boolean;
}

export interface OpenedChat {
  readonly context: ChatContext;
  /** Tokens of the conversation that the session lacks. */
  readonly missing: number;
  /** It came back from its file for this request. */
  readonly sessionRestored: boolean;
}

export interface ChatIdParams {
  readonly chatId: string;
}

export interface CountTokensParams {
  readonly text: string;
}
