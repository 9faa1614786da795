import type { Event } from 'vscode';
import type { EngineCounters, EngineStatus, SessionInfo } from '../protocol/status.ts';
import type { AnswerEntry } from './chat/shared/chatEntry.ts';
import type { AnswerLimits } from './chat/chatController.ts';
import type { Participant } from './languageModel/participant.ts';
import type { CompletionTrace } from './inline/question.ts';

/** What `activate` returns: facts for tests and bug reports. */
export interface WarmforkApi {
  readonly version: 1;
  status(): EngineStatus;
  counters(): Promise<EngineCounters>;
  /** Resolves when the base session is in place, or with the failure. */
  whenWarm(): Promise<EngineStatus>;
  /** The last one that was not cancelled. */
  lastCompletion(): CompletionTrace | undefined;
  sessions(): Promise<readonly SessionInfo[]>;
  enginePid(): number | undefined;
  /** Undefined while one model serves completions and chat. */
  chatEnginePid(): number | undefined;
  chatStatus(): EngineStatus;
  /** Asks in the chat as a person would; undefined while another answer streams. */
  ask(question: string, limits?: AnswerLimits): Promise<AnswerEntry | undefined>;
  /** What *Copy Diagnostics* copies. */
  diagnostics(): Promise<string>;
  /** What the command of that name says. */
  whyNoSuggestion(): string;
  /** What `@warmfork` does in VS Code's chat. */
  readonly askParticipant: Participant['answer'];
  readonly onDidChangeStatus: Event<EngineStatus>;
  /** Also those that were cancelled. */
  readonly onDidComplete: Event<CompletionTrace>;
}
