import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable.ts';
import type { EngineClient } from '../../client/engineClient.ts';
import type { EngineStatus } from '../../protocol/status.ts';
import { contextDocument } from './contextDocument.ts';

const scheme = 'warmfork-context';
const uri = vscode.Uri.from({ scheme, path: 'Project Context.md' });

/** The read-only document behind *Show Project Context*; made anew while it is open and the base changes. */
export class ContextView implements vscode.TextDocumentContentProvider, Disposable {
  readonly #engine: EngineClient;
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly #registration: Disposable;
  #baseId: string | undefined;
  readonly onDidChange = this.#changed.event;

  constructor(engine: EngineClient) {
    this.#engine = engine;
    this.#registration = vscode.workspace.registerTextDocumentContentProvider(scheme, this);
  }

  dispose(): void {
    this.#registration.dispose();
    this.#changed.dispose();
  }

  async provideTextDocumentContent(): Promise<string> {
    return contextDocument(await this.#engine.contextReport());
  }

  async show(): Promise<void> {
    this.refresh();
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document, { preview: false });
  }

  refresh(): void {
    if (vscode.workspace.textDocuments.some((document) => document.uri.scheme === scheme)) {
      this.#changed.fire(uri);
    }
  }

  statusCame({ base }: EngineStatus): void {
    if (base === undefined || base.id === this.#baseId) return;
    this.#baseId = base.id;
    this.refresh();
  }
}
