import { randomUUID } from 'node:crypto';
import type { MessageConnection, RequestType0 } from 'vscode-jsonrpc/node';
import * as protocol from '../protocol/protocol.ts';
import type {
  ChatDelta,
  ChatParams,
  ChatResult,
  OpenChatParams,
  OpenedChat,
} from '../protocol/chat.ts';
import type {
  CompletionDelta,
  CompletionParams,
  CompletionResult,
  RemoveResult,
  SaveResult,
} from '../protocol/requests.ts';
import type { ContextChoice, ContextReport, ProjectChange } from '../protocol/project.ts';
import type { EngineDiagnostics } from '../protocol/diagnostics.ts';
import type { SessionReport } from '../protocol/sessionReport.ts';
import type {
  CacheLedger,
  ExportedSession,
  ExportSessionParams,
  SessionRef,
  SessionVerdict,
} from '../protocol/sessions.ts';
import type { BaseFacts, EngineCounters, EngineStatus, SessionInfo } from '../protocol/status.ts';
import { EngineGoneError } from './engineError.ts';
import { exchange, orAborted } from './exchange.ts';

export interface WaitOptions {
  readonly signal?: AbortSignal | undefined;
  /** How long to wait for an engine that is (re)starting, in ms. Absent: no bound. */
  readonly waitMs?: number;
}

/** How long requests wait for an engine that is (re)starting. */
const defaultWaitMs = 30_000;
/** Ghost text that comes later than this is of no use. */
const completionWaitMs = 5_000;

/**
 * The requests a host can make, typed. All of them reject with an `EngineError`
 * (`EngineGoneError` when the process ended under way) or with the reason of their signal.
 */
export abstract class EngineClient {
  /** Resolves when the engine has answered `initialize`. */
  protected abstract connected(options: WaitOptions): Promise<MessageConnection>;

  /** For clients that stand for another one. */
  protected static connectionOf(
    client: EngineClient,
    options: WaitOptions,
  ): Promise<MessageConnection> {
    return client.connected(options);
  }

  /** Settles at once when the signal aborts. `onDelta` gets the text as it is generated. */
  complete(
    params: CompletionParams,
    signal?: AbortSignal,
    onDelta?: (delta: CompletionDelta) => void,
  ): Promise<CompletionResult> {
    const answer = this.connected({ signal, waitMs: completionWaitMs }).then((connection) =>
      onDelta === undefined
        ? exchange((token) => connection.sendRequest(protocol.complete, params, token), signal)
        : streamed(connection, params, onDelta, signal),
    );
    return orAborted(answer, signal);
  }

  /** When the signal aborts, resolves with the text so far (`stopReason: 'cancelled'`) as soon as the engine says so. */
  async chat(
    params: ChatParams,
    onDelta: (delta: ChatDelta) => void,
    signal?: AbortSignal,
  ): Promise<ChatResult> {
    const connection = await this.connected({ signal, waitMs: defaultWaitMs });
    const progressToken = randomUUID();
    const listener = connection.onProgress(protocol.chatDelta, progressToken, onDelta);
    try {
      const request = { ...params, progressToken };
      return await exchange(
        (token) => connection.sendRequest(protocol.chat, request, token),
        signal,
      );
    } finally {
      listener.dispose();
    }
  }

  /** Brings a conversation's session into memory; with `evaluate` also what it lacks. */
  async openChat(params: OpenChatParams, signal?: AbortSignal): Promise<OpenedChat> {
    const connection = await this.connected({ signal, waitMs: defaultWaitMs });
    return exchange((token) => connection.sendRequest(protocol.openChat, params, token), signal);
  }

  /** Saves the session and gives its memory back. */
  async closeChat(chatId: string): Promise<SaveResult> {
    const connection = await this.connected({ waitMs: defaultWaitMs });
    return exchange(() => connection.sendRequest(protocol.closeChat, { chatId }), undefined);
  }

  async discardChat(chatId: string): Promise<RemoveResult> {
    const connection = await this.connected({ waitMs: defaultWaitMs });
    return exchange(() => connection.sendRequest(protocol.discardChat, { chatId }), undefined);
  }

  async countTokens(text: string, signal?: AbortSignal): Promise<number> {
    const connection = await this.connected({ signal, waitMs: defaultWaitMs });
    const request = { text };
    return exchange(
      (token) => connection.sendRequest(protocol.countTokens, request, token),
      signal,
    );
  }

  async saveFileSession(uri: string): Promise<SaveResult> {
    const connection = await this.connected({ waitMs: defaultWaitMs });
    return exchange(() => connection.sendRequest(protocol.saveFileSession, { uri }), undefined);
  }

  async closeFileSession(uri: string): Promise<SaveResult> {
    const connection = await this.connected({ waitMs: defaultWaitMs });
    return exchange(() => connection.sendRequest(protocol.closeFileSession, { uri }), undefined);
  }

  async discardFileSession(uri: string): Promise<RemoveResult> {
    const connection = await this.connected({ waitMs: defaultWaitMs });
    return exchange(() => connection.sendRequest(protocol.discardFileSession, { uri }), undefined);
  }

  saveAllSessions(): Promise<SaveResult> {
    return this.#ask(protocol.saveAllSessions);
  }

  listSessions(): Promise<readonly SessionInfo[]> {
    return this.#ask(protocol.listSessions);
  }

  saveSession(ref: SessionRef): Promise<SaveResult> {
    return this.#send((to) => to.sendRequest(protocol.saveSession, ref));
  }

  /** Saves the session and gives its memory back. */
  detachSession(ref: SessionRef): Promise<SaveResult> {
    return this.#send((to) => to.sendRequest(protocol.detachSession, ref));
  }

  discardSession(ref: SessionRef): Promise<RemoveResult> {
    return this.#send((to) => to.sendRequest(protocol.discardSession, ref));
  }

  verifySession(ref: SessionRef): Promise<SessionVerdict> {
    return this.#send((to) => to.sendRequest(protocol.verifySession, ref));
  }

  exportSession(params: ExportSessionParams): Promise<ExportedSession> {
    return this.#send((to) => to.sendRequest(protocol.exportSession, params));
  }

  cacheLedger(): Promise<CacheLedger> {
    return this.#ask(protocol.cacheLedger);
  }

  removeEverything(): Promise<RemoveResult> {
    return this.#ask(protocol.removeEverything);
  }

  /** Does not wait for an engine that is (re)starting. */
  diagnostics(): Promise<EngineDiagnostics> {
    return this.#ask(protocol.getDiagnostics, { waitMs: 0 });
  }

  verifySessions(): Promise<SessionReport> {
    return this.#ask(protocol.verifySessions);
  }

  clearSessions(): Promise<RemoveResult> {
    return this.#ask(protocol.clearSessions);
  }

  rebuildBase(signal?: AbortSignal): Promise<BaseFacts> {
    return this.#ask(protocol.rebuildBase, { signal, waitMs: defaultWaitMs });
  }

  stopBuilding(): Promise<void> {
    return this.#ask(protocol.stopBuilding);
  }

  contextReport(): Promise<ContextReport> {
    return this.#ask(protocol.contextReport);
  }

  /** An engine that is (re)starting is told what is chosen when it starts. */
  async chooseContext(choice: ContextChoice): Promise<void> {
    const connection = await this.connected({ waitMs: 0 }).catch(() => undefined);
    await connection?.sendNotification(protocol.chooseContext, choice);
  }

  /** An engine that is (re)starting looks at the whole project anyway. */
  async projectChanged(change: ProjectChange): Promise<void> {
    const connection = await this.connected({ waitMs: 0 }).catch(() => undefined);
    await connection?.sendNotification(protocol.projectChanged, change);
  }

  counters(): Promise<EngineCounters> {
    return this.#ask(protocol.getCounters);
  }

  /** Waits across restarts; the status may be `failed`. */
  async whenWarm(signal?: AbortSignal): Promise<EngineStatus> {
    for (;;) {
      try {
        return await this.#ask(protocol.whenWarm, { signal });
      } catch (error) {
        if (!(error instanceof EngineGoneError)) throw error;
      }
    }
  }

  async #send<R>(request: (to: MessageConnection) => Promise<R>): Promise<R> {
    const connection = await this.connected({ waitMs: defaultWaitMs });
    return exchange(() => request(connection), undefined);
  }

  async #ask<R>(
    type: RequestType0<R, void>,
    options: WaitOptions = { waitMs: defaultWaitMs },
  ): Promise<R> {
    const connection = await this.connected(options);
    return exchange((token) => connection.sendRequest(type, token), options.signal);
  }
}

async function streamed(
  connection: MessageConnection,
  params: CompletionParams,
  onDelta: (delta: CompletionDelta) => void,
  signal: AbortSignal | undefined,
): Promise<CompletionResult> {
  const progressToken = randomUUID();
  const listener = connection.onProgress(protocol.completionDelta, progressToken, onDelta);
  try {
    const request = { ...params, progressToken };
    return await exchange(
      (token) => connection.sendRequest(protocol.complete, request, token),
      signal,
    );
  } finally {
    listener.dispose();
  }
}
