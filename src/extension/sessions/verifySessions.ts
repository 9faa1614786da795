import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../../base/disposable.ts';
import type { EngineClient } from '../../client/engineClient.ts';
import { verifyReport } from './verifyReport.ts';

const scheme = 'warmfork-report';
const uri = vscode.Uri.from({ scheme, path: '/Warmfork Session Files.md' });

/** Shows what the engine finds in the session files, in a read-only document. */
export class SessionVerifier implements Disposable {
  readonly #engine: EngineClient;
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new vscode.EventEmitter<vscode.Uri>());
  #text = '';

  constructor(engine: EngineClient) {
    this.#engine = engine;
    const provider = {
      onDidChange: this.#changed.event,
      provideTextDocumentContent: () => this.#text,
    };
    this.#store.add(vscode.workspace.registerTextDocumentContentProvider(scheme, provider));
  }

  async run(): Promise<void> {
    const options = {
      location: vscode.ProgressLocation.Window,
      title: vscode.l10n.t('Verifying session files'),
    };
    const report = await vscode.window.withProgress(options, () => this.#engine.verifySessions());
    this.#text = verifyReport(report, {
      nameOf: (file) => vscode.workspace.asRelativePath(vscode.Uri.parse(file)),
      formatTime: (ms) => new Date(ms).toLocaleString(),
    });
    this.#changed.fire(uri); // for a report that is still open
    await vscode.window.showTextDocument(uri, { preview: true });
  }

  dispose(): void {
    this.#store.dispose();
  }
}
