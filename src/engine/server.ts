/** JSON-RPC to engine calls. One connection, one window, one engine. */
import { ResponseError, type CancellationToken, type MessageConnection } from 'vscode-jsonrpc';
import * as protocol from '../protocol/protocol.ts';
import type { CompletionRequestParams } from '../protocol/protocol.ts';
import type { SaveResult } from '../protocol/requests.ts';
import type { InitializeParams } from '../protocol/settings.ts';
import type { EngineStatus } from '../protocol/status.ts';
import { nothingSaved, type EngineSeat } from './broker/engines.ts';
import type { SharedEngines } from './broker/sharedEngines.ts';
import type { EngineApi } from './engineApi.ts';
import { EngineError } from './errors.ts';
import type { Runtime } from './runtime.ts';
import { TextDeltas } from './textDeltas.ts';

/** JSON-RPC error code of an engine that was asked before it was initialized. */
const serverNotInitialized = -32002;
/** A person waits for the answer; what follows from the request may come later. */
const afterAnswerMs = 1;

export interface ServerOptions {
  /** The window has its answer to `shutdown`: everything of it is saved. */
  readonly onLeft: () => void;
  /** It has its answer to `engine/end`: the process should end, for all windows. */
  readonly onEnd: () => void;
}

export class Server {
  readonly #connection: MessageConnection;
  readonly #engines: SharedEngines;
  /** Aborted when the window is gone: nobody waits for its answers. */
  readonly #gone = new AbortController();
  #seat: EngineSeat | undefined;
  #inUse = true;

  constructor(connection: MessageConnection, engines: SharedEngines, options: ServerOptions) {
    this.#connection = connection;
    this.#engines = engines;
    this.#serve();
    connection.onRequest(protocol.shutdown, async () => {
      const saved = await this.leave();
      setImmediate(options.onLeft); // after the answer is written
      return saved;
    });
    connection.onRequest(protocol.endEngine, async () => {
      const saved = await engines.end(this.#seat);
      setImmediate(options.onEnd);
      return saved;
    });
    connection.listen();
  }

  /** Ends what the window waits for, saves what it has and gives its engine up. */
  leave(): Promise<SaveResult> {
    this.#gone.abort(new Error('The window is gone.'));
    return this.#seat?.leave() ?? Promise.resolve(nothingSaved);
  }

  #serve(): void {
    const on = this.#connection;
    const ask = <T>(work: (engine: EngineApi) => Promise<T>): Promise<T> =>
      this.#asked.engine().then(work);
    const askWithin = <T>(
      token: CancellationToken,
      work: (engine: EngineApi, signal: AbortSignal) => Promise<T>,
    ): Promise<T> =>
      ask((engine) => withSignal(token, this.#gone.signal, (signal) => work(engine, signal)));
    on.onRequest(protocol.initialize, (params) => this.#initialize(params));
    on.onNotification(protocol.windowFocused, ({ focused }) => {
      this.#inUse = focused;
    });
    on.onRequest(protocol.whenWarm, () => ask((engine) => engine.whenWarm()));
    on.onRequest(protocol.getCounters, () => ask((engine) => engine.counters()));
    on.onRequest(protocol.complete, (params, token) =>
      askWithin(token, (engine, signal) => this.#complete(engine, params, signal)),
    );
    on.onRequest(protocol.chat, (params, token) =>
      askWithin(token, (engine, signal) => {
        const deltas = new TextDeltas((text) => {
          void on.sendProgress(protocol.chatDelta, params.progressToken, { text });
        });
        return engine.chat(params, signal, deltas.add).finally(() => deltas.flush());
      }),
    );
    on.onRequest(protocol.openChat, (params, token) =>
      askWithin(token, (engine, signal) => engine.openChat(params, signal)),
    );
    on.onRequest(protocol.closeChat, ({ chatId }) => ask((engine) => engine.closeChat(chatId)));
    on.onRequest(protocol.discardChat, ({ chatId }) => ask((engine) => engine.discardChat(chatId)));
    on.onRequest(protocol.countTokens, ({ text }) => ask((engine) => engine.countTokens(text)));
    on.onRequest(protocol.rebuildBase, () => ask((engine) => engine.rebuildBase()));
    on.onRequest(protocol.stopBuilding, () => ask((engine) => engine.stopBuilding()));
    on.onRequest(protocol.contextReport, () => ask((engine) => engine.contextReport()));
    on.onNotification(protocol.chooseContext, (choice) => this.#seat?.choose(choice));
    on.onNotification(protocol.projectChanged, (change) =>
      this.#seat?.awake?.projectChanged(change),
    );
    on.onRequest(protocol.saveFileSession, ({ uri }) => ask((engine) => engine.saveFile(uri)));
    on.onRequest(protocol.closeFileSession, ({ uri }) => ask((engine) => engine.closeFile(uri)));
    on.onRequest(protocol.discardFileSession, ({ uri }) =>
      ask((engine) => engine.discardFile(uri)),
    );
    on.onRequest(protocol.saveAllSessions, () => ask((engine) => engine.saveAll()));
    on.onRequest(protocol.listSessions, () => ask((engine) => engine.sessions()));
    on.onRequest(protocol.verifySessions, () => ask((engine) => engine.verify()));
    const withSessions: EngineApi['withSessions'] = (work) =>
      ask((engine) => engine.withSessions(work));
    on.onRequest(protocol.saveSession, (ref) => withSessions((all) => all.save(ref)));
    on.onRequest(protocol.detachSession, (ref) => withSessions((all) => all.detach(ref)));
    on.onRequest(protocol.discardSession, (ref) => withSessions((all) => all.discard(ref)));
    on.onRequest(protocol.verifySession, (ref) => withSessions((all) => all.verify(ref)));
    on.onRequest(protocol.exportSession, (params) => withSessions((all) => all.export(params)));
    on.onRequest(protocol.cacheLedger, () => ask((engine) => engine.ledger()));
    on.onRequest(protocol.removeEverything, () => withSessions((all) => all.removeAll()));
    on.onRequest(protocol.getDiagnostics, () => ask((engine) => engine.diagnostics()));
    on.onRequest(protocol.clearSessions, () => ask((engine) => engine.clear()));
  }

  #initialize(params: InitializeParams): EngineStatus {
    if (params.protocolVersion !== protocol.protocolVersion)
      throw new EngineError(
        'ERR_WARMFORK_PROTOCOL',
        `This engine speaks protocol ${protocol.protocolVersion}, the host ${params.protocolVersion}; reload the window.`,
      );
    this.#seat ??= this.#engines.take(params, {
      onStatus: (status) =>
        this.#tell(() => this.#connection.sendNotification(protocol.statusChanged, status)),
      onSessionsChange: () => this.#sessionsChanged(),
      onEnding: () => void this.#connection.sendNotification(protocol.engineEnding),
      log: this.#log,
    });
    return this.#seat.status;
  }

  /** The answer to the request that changed them goes first. */
  #sessionsChanged(): void {
    const send = () => this.#connection.sendNotification(protocol.sessionsChanged);
    setTimeout(() => this.#tell(send), afterAnswerMs);
  }

  /** News that nobody waits for, to a window that may be gone. */
  #tell(send: () => Promise<void>): void {
    try {
      void send().catch(() => undefined);
    } catch {
      // its connection was closed at this moment
    }
  }

  /** Sends generated text as it comes, where the host asked for that. */
  #complete(
    engine: EngineApi,
    params: CompletionRequestParams,
    signal: AbortSignal,
  ): ReturnType<EngineApi['complete']> {
    const { progressToken } = params;
    if (progressToken === undefined) return engine.complete(params, signal, undefined, this.#inUse);
    const deltas = new TextDeltas((text) => {
      void this.#connection.sendProgress(protocol.completionDelta, progressToken, { text });
    });
    const completing = engine.complete(params, signal, deltas.add, this.#inUse);
    return completing.finally(() => deltas.flush());
  }

  readonly #log: Runtime['log'] = (level, message) => {
    void this.#connection.sendNotification(protocol.logMessage, { level, message });
  };

  get #asked(): EngineSeat {
    if (this.#seat !== undefined) return this.#seat;
    throw new ResponseError(
      serverNotInitialized,
      'The engine was asked before it was initialized.',
    );
  }
}

async function withSignal<T>(
  token: CancellationToken,
  gone: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const subscription = token.onCancellationRequested(() =>
    controller.abort(new Error('The request was cancelled.')),
  );
  if (token.isCancellationRequested) controller.abort(new Error('The request was cancelled.'));
  try {
    return await work(AbortSignal.any([controller.signal, gone]));
  } finally {
    subscription.dispose();
  }
}
