import { randomBytes } from 'node:crypto';
import * as v from 'valibot';
import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../../base/disposable.ts';
import { systemClock } from '../../client/clock.ts';
import type { EngineClient } from '../../client/engineClient.ts';
import type { CacheLedger } from '../../protocol/sessions.ts';
import { webviewHtml } from '../webviewHtml.ts';
import { LazyRefresh } from './lazyRefresh.ts';
import { revealPath } from './sessionActions.ts';
import type { SessionNames } from './sessionWords.ts';
import {
  cacheActions,
  type CacheAction,
  type FromCachePanel,
  type ShownCache,
  type ToCachePanel,
} from './shared/cacheProtocol.ts';
import { type ExtensionFiles, shownCache } from './shownCache.ts';

const cachePanelType = 'warmfork.cache';

const fromPanel = v.variant('kind', [
  v.object({ kind: v.literal('ready') }),
  v.object({ kind: v.literal('open'), id: v.number() }),
  v.object({ kind: v.literal('reveal'), id: v.number() }),
  v.object({ kind: v.literal('action'), action: v.picklist(cacheActions) }),
]);

export interface CachePanelOptions {
  readonly extensionUri: vscode.Uri;
  readonly engine: Pick<EngineClient, 'cacheLedger'>;
  readonly names: () => Promise<SessionNames>;
  readonly chatFiles: () => Promise<ExtensionFiles>;
  readonly onAction: (action: CacheAction) => void;
  readonly log: vscode.LogOutputChannel;
}

/** The cache ledger with its picture of the context, in an editor of its own. At most one is open. */
export class CachePanel implements Disposable {
  readonly #options: CachePanelOptions;
  readonly #root: vscode.Uri;
  readonly #refresh: LazyRefresh;
  #panel: vscode.WebviewPanel | undefined;
  #listeners = new DisposableStore();
  #shown: ShownCache | undefined;
  #ledger: CacheLedger | undefined;

  constructor(options: CachePanelOptions) {
    this.#options = options;
    this.#root = vscode.Uri.joinPath(options.extensionUri, 'dist', 'media');
    this.#refresh = new LazyRefresh(systemClock, () => void this.#update());
  }

  show(): void {
    if (this.#panel) return this.#panel.reveal();
    const title = vscode.l10n.t('Warmfork Cache');
    const panel = vscode.window.createWebviewPanel(
      cachePanelType,
      title,
      vscode.ViewColumn.Active,
      {
        enableScripts: true,
        localResourceRoots: [this.#root],
      },
    );
    const iconFor = (theme: 'light' | 'dark'): vscode.Uri =>
      vscode.Uri.joinPath(this.#options.extensionUri, 'media', `cache-${theme}.svg`);
    panel.iconPath = { light: iconFor('light'), dark: iconFor('dark') };
    this.#panel = panel;
    this.#listen(panel);
    panel.webview.html = this.#html(panel.webview);
  }

  /** Sessions or the status of the engine are others than before. */
  changed(): void {
    this.#refresh.changed();
  }

  dispose(): void {
    this.#refresh.dispose();
    this.#panel?.dispose();
  }

  #listen(panel: vscode.WebviewPanel): void {
    this.#listeners = new DisposableStore();
    this.#listeners.add(
      panel.webview.onDidReceiveMessage((value: unknown) => {
        const message = v.safeParse(fromPanel, value);
        if (message.success) this.#receive(message.output);
      }),
    );
    this.#listeners.add(
      panel.onDidChangeViewState(() => {
        // A page that comes back is a new one, and says so.
        if (!panel.visible) this.#refresh.setVisible(false);
      }),
    );
    this.#listeners.add(panel.onDidDispose(() => this.#closed()));
  }

  #closed(): void {
    this.#listeners.dispose();
    this.#refresh.setVisible(false);
    this.#refresh.changed();
    this.#panel = undefined;
  }

  #receive(message: FromCachePanel): void {
    switch (message.kind) {
      case 'ready':
        this.#refresh.changed();
        return this.#refresh.setVisible(true);
      case 'open':
        return this.#open(message.id);
      case 'reveal':
        return this.#reveal(message.id);
      case 'action':
        return this.#options.onAction(message.action);
    }
  }

  async #update(): Promise<void> {
    try {
      this.#ledger = await this.#options.engine.cacheLedger();
      const { names, chatFiles } = this.#options;
      this.#shown = shownCache(this.#ledger, await chatFiles(), await names());
      this.#post({ kind: 'cache', cache: this.#shown });
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      this.#options.log.debug(`the cache was not shown: ${text}`);
      this.#post({ kind: 'message', text });
    }
  }

  #post(message: ToCachePanel): void {
    void this.#panel?.webview.postMessage(message);
  }

  #open(id: number): void {
    const session = this.#ledger?.sessions[id];
    if (session?.kind === 'file')
      void vscode.commands.executeCommand('vscode.open', vscode.Uri.parse(session.id));
  }

  /** Only what was shown can be named. */
  #reveal(id: number): void {
    const rows = this.#shown?.groups.flatMap((group) => group.rows);
    const row = rows?.find((one) => one.id === id);
    if (row !== undefined) void revealPath(row.path);
  }

  #html(webview: vscode.Webview): string {
    const uriOf = (name: string): string =>
      webview.asWebviewUri(vscode.Uri.joinPath(this.#root, name)).toString();
    return webviewHtml({
      ...{ title: 'Warmfork Cache', cspSource: webview.cspSource },
      nonce: randomBytes(16).toString('base64url'),
      scriptUri: uriOf('sessions.js'),
      styleUri: uriOf('sessions.css'),
    });
  }
}
