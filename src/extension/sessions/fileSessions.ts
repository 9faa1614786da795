import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../../base/disposable.ts';
import type { EngineClient } from '../../client/engineClient.ts';
import type { SaveResult } from '../../protocol/requests.ts';
import type { Log } from '../log.ts';

/**
 * Keeps the session of a document on disk in step with the document: synced when it is saved or closed.
 * Only documents that were completed in have one. All sessions are saved when the engine is shut down.
 */
export class FileSessions implements Disposable {
  readonly #engine: EngineClient;
  readonly #log: Log;
  readonly #store = new DisposableStore();
  readonly #uris = new Set<string>();

  constructor(engine: EngineClient, log: Log) {
    this.#engine = engine;
    this.#log = log;
    this.#store.add(
      vscode.workspace.onDidSaveTextDocument(({ uri }) => void this.#saved(uri.toString())),
    );
    this.#store.add(
      vscode.workspace.onDidCloseTextDocument(({ uri }) => void this.#closed(uri.toString())),
    );
    this.#store.add(
      vscode.workspace.onDidSaveNotebookDocument(({ uri }) => void this.#saved(uri.toString())),
    );
    this.#store.add(
      vscode.workspace.onDidCloseNotebookDocument(({ uri }) => void this.#closed(uri.toString())),
    );
  }

  completedIn(uri: string): void {
    this.#uris.add(uri);
  }

  dispose(): void {
    this.#store.dispose();
  }

  async #saved(uri: string): Promise<void> {
    if (this.#uris.has(uri)) await this.#report(uri, this.#engine.saveFileSession(uri));
  }

  async #closed(uri: string): Promise<void> {
    if (this.#uris.delete(uri)) await this.#report(uri, this.#engine.closeFileSession(uri));
  }

  /** A session that was not saved costs only time later: the log is enough. */
  async #report(uri: string, work: Promise<SaveResult>): Promise<void> {
    try {
      const { saved, bytes } = await work;
      this.#log.debug(`session of ${uri}: ${saved} saved, ${bytes} bytes`);
    } catch (error) {
      this.#log.warn(`session of ${uri} was not saved: ${String(error)}`);
    }
  }
}
