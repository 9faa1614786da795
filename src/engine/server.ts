/** JSON-RPC to engine calls. One connection, one engine. */
import { ResponseError, type CancellationToken, type MessageConnection } from 'vscode-jsonrpc';
import * as protocol from '../protocol/protocol.ts';
import type { CompletionRequestParams } from '../protocol/protocol.ts';
import type { InitializeParams } from '../protocol/settings.ts';
import type { EngineStatus } from '../protocol/status.ts';
import { Engine } from './engine.ts';
import { EngineError } from './errors.ts';
import type { Runtime } from './runtime.ts';

/** JSON-RPC error code of an engine that was asked before it was initialized. */
const serverNotInitialized = -32002;

export class Server {
  readonly #connection: MessageConnection;
  #engine: Engine | undefined;
  #closing: Promise<{ readonly saved: number; readonly bytes: number }> | undefined;

  /** @param onShutdown called when the host has its answer to `shutdown`. */
  constructor(connection: MessageConnection, onShutdown: () => void) {
    this.#connection = connection;
    this.#serve();
    connection.onRequest(protocol.shutdown, async () => {
      const saved = await this.close();
      setImmediate(onShutdown); // after the answer is written
      return saved;
    });
    connection.listen();
  }

  /** Saves and closes; once, however often it is asked. */
  close(): Promise<{ readonly saved: number; readonly bytes: number }> {
    this.#closing ??= this.#engine?.close() ?? Promise.resolve({ saved: 0, bytes: 0 });
    return this.#closing;
  }

  #serve(): void {
    const on = this.#connection;
    on.onRequest(protocol.initialize, (params) => this.#initialize(params));
    on.onRequest(protocol.whenWarm, () => this.#asked.whenWarm());
    on.onRequest(protocol.getCounters, () => this.#asked.counters());
    on.onRequest(protocol.complete, (params, token) =>
      withSignal(token, (signal) => this.#asked.complete(params, signal, this.#deltas(params))),
    );
    on.onRequest(protocol.chat, (params, token) =>
      withSignal(token, (signal) =>
        this.#asked.chat(params, signal, (text) => {
          void on.sendProgress(protocol.chatDelta, params.progressToken, { text });
        }),
      ),
    );
    on.onRequest(protocol.openChat, (params, token) =>
      withSignal(token, (signal) => this.#asked.openChat(params, signal)),
    );
    on.onRequest(protocol.closeChat, ({ chatId }) => this.#asked.closeChat(chatId));
    on.onRequest(protocol.discardChat, ({ chatId }) => this.#asked.discardChat(chatId));
    on.onRequest(protocol.countTokens, ({ text }) => this.#asked.countTokens(text));
    on.onRequest(protocol.rebuildBase, () => this.#asked.rebuildBase());
    on.onRequest(protocol.contextReport, () => this.#asked.contextReport());
    on.onNotification(protocol.chooseContext, (choice) => this.#engine?.chooseContext(choice));
    on.onNotification(protocol.projectChanged, (change) => this.#engine?.projectChanged(change));
    on.onRequest(protocol.saveFileSession, ({ uri }) => this.#asked.saveFile(uri));
    on.onRequest(protocol.closeFileSession, ({ uri }) => this.#asked.closeFile(uri));
    on.onRequest(protocol.discardFileSession, ({ uri }) => this.#asked.discardFile(uri));
    on.onRequest(protocol.saveAllSessions, () => this.#asked.saveAll());
    on.onRequest(protocol.listSessions, () => this.#asked.sessions());
    on.onRequest(protocol.verifySessions, () => this.#asked.verify());
    on.onRequest(protocol.clearSessions, () => this.#asked.clear());
  }

  #initialize(params: InitializeParams): EngineStatus {
    if (params.protocolVersion !== protocol.protocolVersion)
      throw new EngineError(
        'ERR_WARMFORK_PROTOCOL',
        `This engine speaks protocol ${protocol.protocolVersion}, the host ${params.protocolVersion}; reload the window.`,
      );
    this.#engine = new Engine(params, {
      onStatus: (status) => void this.#connection.sendNotification(protocol.statusChanged, status),
      log: this.#log,
    });
    return this.#engine.status;
  }

  /** Sends generated text as it comes, where the host asked for that. */
  #deltas({ progressToken }: CompletionRequestParams): ((text: string) => void) | undefined {
    if (progressToken === undefined) return undefined;
    return (text) =>
      void this.#connection.sendProgress(protocol.completionDelta, progressToken, { text });
  }

  readonly #log: Runtime['log'] = (level, message) => {
    void this.#connection.sendNotification(protocol.logMessage, { level, message });
  };

  get #asked(): Engine {
    if (this.#engine !== undefined) return this.#engine;
    throw new ResponseError(
      serverNotInitialized,
      'The engine was asked before it was initialized.',
    );
  }
}

async function withSignal<T>(
  token: CancellationToken,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const subscription = token.onCancellationRequested(() =>
    controller.abort(new Error('The request was cancelled.')),
  );
  if (token.isCancellationRequested) controller.abort(new Error('The request was cancelled.'));
  try {
    return await work(controller.signal);
  } finally {
    subscription.dispose();
  }
}
