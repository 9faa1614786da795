import { randomUUID } from 'node:crypto';
import type { MessageConnection } from 'vscode-jsonrpc/node';
import * as protocol from '../protocol/models.ts';
import { EngineProcess, type EngineProcessOptions } from './engineProcess.ts';
import { exchange } from './exchange.ts';

export interface ModelsProcessOptions extends EngineProcessOptions {
  readonly onOutput?: (line: string) => void;
  /** Another machine is asked something. */
  readonly onContact?: (host: string, why: string) => void;
}

/**
 * The process that looks for model files and loads them. It runs while it is used: started by the first request, ended
 * a moment after the last. Requests reject with an `EngineError`.
 */
export class ModelsProcess {
  readonly #options: ModelsProcessOptions;
  #process: EngineProcess | undefined;
  #users = 0;

  constructor(options: ModelsProcessOptions) {
    this.#options = options;
  }

  list(params: protocol.ListModelsParams): Promise<protocol.ModelList> {
    return this.#use((connection) =>
      exchange(() => connection.sendRequest(protocol.listModels, params), undefined),
    );
  }

  check(path: string): Promise<protocol.ModelCheck> {
    return this.#use((connection) =>
      exchange(() => connection.sendRequest(protocol.checkModel, { path }), undefined),
    );
  }

  /** When the signal aborts, resolves with `cancelled` as soon as the process says so. */
  download(
    params: Omit<protocol.DownloadParams, 'progressToken'>,
    onProgress: (progress: protocol.DownloadProgress) => void,
    signal: AbortSignal,
  ): Promise<protocol.DownloadResult> {
    return this.#use(async (connection) => {
      const progressToken = randomUUID();
      const listener = connection.onProgress(protocol.downloadProgress, progressToken, onProgress);
      try {
        return await exchange(
          (token) =>
            connection.sendRequest(protocol.downloadModel, { ...params, progressToken }, token),
          signal,
        );
      } finally {
        listener.dispose();
      }
    });
  }

  discard(folder: string, fileName: string): Promise<null> {
    return this.#use((connection) =>
      exchange(
        () => connection.sendRequest(protocol.discardDownload, { folder, fileName }),
        undefined,
      ),
    );
  }

  dispose(): void {
    this.#process?.kill();
  }

  async #use<R>(work: (connection: MessageConnection) => Promise<R>): Promise<R> {
    this.#users++;
    try {
      return await work((this.#process ??= this.#start()).connection);
    } finally {
      if (--this.#users === 0) {
        this.#process?.release();
        this.#process = undefined;
      }
    }
  }

  #start(): EngineProcess {
    const { onOutput, onContact } = this.#options;
    const started = new EngineProcess(this.#options, onOutput ?? (() => undefined));
    started.connection.onNotification(protocol.contacted, ({ host, why }) =>
      onContact?.(host, why),
    );
    started.connection.listen();
    void started.gone.then(() => {
      if (this.#process === started) this.#process = undefined;
    });
    return started;
  }
}
