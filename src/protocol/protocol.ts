/**
 * The JSON-RPC messages between a host (extension, demo, tests) and the engine process.
 * Requests can be cancelled; a cancelled request answers with `stopReason: 'cancelled'` or the code RequestCancelled.
 */
import {
  NotificationType,
  NotificationType0,
  ProgressType,
  RequestType,
  RequestType0,
} from 'vscode-jsonrpc';
import type { ContextChoice, ContextReport, ProjectChange } from './project.ts';
import type {
  ChatDelta,
  ChatIdParams,
  ChatParams,
  ChatResult,
  CountTokensParams,
  OpenChatParams,
  OpenedChat,
} from './chat.ts';
import type {
  CompletionDelta,
  CompletionParams,
  CompletionResult,
  FileParams,
  RemoveResult,
  SaveResult,
} from './requests.ts';
import type { EngineDiagnostics } from './diagnostics.ts';
import type { SessionReport } from './sessionReport.ts';
import type {
  CacheLedger,
  ExportedSession,
  ExportSessionParams,
  SessionRef,
  SessionVerdict,
} from './sessions.ts';
import type { InitializeParams } from './settings.ts';
import type { BaseFacts, EngineCounters, EngineStatus, SessionInfo } from './status.ts';

export const protocolVersion = 1;

/** Chat requests carry the token under which their deltas arrive. */
export type ChatRequestParams = ChatParams & { readonly progressToken: string };

/** With a progress token the text comes as it is generated, too. */
export type CompletionRequestParams = CompletionParams & { readonly progressToken?: string };

export const initialize = new RequestType<InitializeParams, EngineStatus, void>('initialize');
/** Resolves when the base session is in place (restored or evaluated), or with the failure. */
export const whenWarm = new RequestType0<EngineStatus, void>('engine/whenWarm');
export const getCounters = new RequestType0<EngineCounters, void>('engine/counters');
export const complete = new RequestType<CompletionRequestParams, CompletionResult, void>(
  'completion',
);
export const completionDelta = new ProgressType<CompletionDelta>();
export const chat = new RequestType<ChatRequestParams, ChatResult, void>('chat');
export const chatDelta = new ProgressType<ChatDelta>();
export const openChat = new RequestType<OpenChatParams, OpenedChat, void>('chat/open');
/** Saves, then gives the cells back. */
export const closeChat = new RequestType<ChatIdParams, SaveResult, void>('chat/close');
/** Removes the session, in memory and on disk. */
export const discardChat = new RequestType<ChatIdParams, RemoveResult, void>('chat/discard');
export const countTokens = new RequestType<CountTokensParams, number, void>('tokens/count');
export const rebuildBase = new RequestType0<BaseFacts, void>('base/rebuild');
/** Ends the build that runs, if any; what it has evaluated is kept for when it goes on. */
export const stopBuilding = new RequestType0<void, void>('base/stop');
/** The project context as it would be now: scans the project. */
export const contextReport = new RequestType0<ContextReport, void>('project/report');
export const chooseContext = new NotificationType<ContextChoice>('project/choose');
export const projectChanged = new NotificationType<ProjectChange>('project/changed');
export const saveFileSession = new RequestType<FileParams, SaveResult, void>('session/saveFile');
/** Saves, then gives the cells back. */
export const closeFileSession = new RequestType<FileParams, SaveResult, void>('session/closeFile');
export const discardFileSession = new RequestType<FileParams, RemoveResult, void>(
  'session/discardFile',
);
export const saveAllSessions = new RequestType0<SaveResult, void>('session/saveAll');
export const listSessions = new RequestType0<readonly SessionInfo[], void>('session/list');
/** Reads every session file of the workspace to the end; changes nothing. */
export const verifySessions = new RequestType0<SessionReport, void>('session/verify');
export const saveSession = new RequestType<SessionRef, SaveResult, void>('session/save');
/** Saves, then gives the cells back. */
export const detachSession = new RequestType<SessionRef, SaveResult, void>('session/detach');
/** Removes it, in memory and on disk. */
export const discardSession = new RequestType<SessionRef, RemoveResult, void>('session/discard');
export const verifySession = new RequestType<SessionRef, SessionVerdict, void>('session/verifyOne');
export const exportSession = new RequestType<ExportSessionParams, ExportedSession, void>(
  'session/export',
);
export const cacheLedger = new RequestType0<CacheLedger, void>('cache/ledger');
/** Everything in the ledger, of all workspaces. */
export const removeEverything = new RequestType0<RemoveResult, void>('cache/removeAll');
/** Rejects while there is no model. */
export const getDiagnostics = new RequestType0<EngineDiagnostics, void>('engine/diagnostics');
export const clearSessions = new RequestType0<RemoveResult, void>('session/clear');
/**
 * The window goes: saves what is dirty. A process that serves only this window ends then; the same happens when the
 * connection is lost.
 */
export const shutdown = new RequestType0<SaveResult, void>('shutdown');

/** Saves everything and ends the process, for all windows it serves. */
export const endEngine = new RequestType0<SaveResult, void>('engine/end');
/** Another window ends the process: start a new one. */
export const engineEnding = new NotificationType0('engine/ending');
/** Whether this window is the one in use; its inline completions go first. */
export const windowFocused = new NotificationType<{ readonly focused: boolean }>('window/focused');

export const statusChanged = new NotificationType<EngineStatus>('engine/status');
/** Sessions, their cells or their files are others than before; may come often. */
export const sessionsChanged = new NotificationType0('session/changed');
export const logMessage = new NotificationType<LogMessage>('engine/log');

export interface LogMessage {
  readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
}
