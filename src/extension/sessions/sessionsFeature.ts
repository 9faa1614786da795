import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../../base/disposable.ts';
import { formatBytes, formatCount } from '../../base/format.ts';
import type { EngineClient } from '../../client/engineClient.ts';
import type { RemoveResult } from '../../protocol/requests.ts';
import type { EngineStatus, SessionInfo } from '../../protocol/status.ts';
import { commandId } from '../commandIds.ts';
import { viewIds } from '../viewIds.ts';
import { CachePanel } from './cachePanel.ts';
import { chosenSession, revealPath, SessionActions } from './sessionActions.ts';
import type { SessionCommandName } from './sessionCommandNames.ts';
import { SessionsView } from './sessionsView.ts';
import type { SessionNames } from './sessionWords.ts';
import type { CacheAction } from './shared/cacheProtocol.ts';
import type { ExtensionFiles } from './shownCache.ts';

type Handler = (argument?: unknown, more?: unknown) => Promise<unknown>;

export interface SessionsFeatureOptions {
  readonly extensionUri: vscode.Uri;
  readonly engine: EngineClient;
  readonly log: vscode.LogOutputChannel;
  /** Titles of the conversations by the id of their sessions. */
  readonly chatTitles: () => Promise<ReadonlyMap<string, string>>;
  readonly chatFiles: () => Promise<ExtensionFiles>;
  /** What was suggested for a document is no longer of any use. */
  readonly forget: (uri: string) => void;
}

/** Sessions in view: the tree, the cache ledger, and what can be done with them. */
export class SessionsFeature implements Disposable {
  readonly #options: SessionsFeatureOptions;
  readonly #store = new DisposableStore();
  readonly #view: SessionsView;
  readonly #panel: CachePanel;
  readonly #actions: SessionActions;

  constructor(options: SessionsFeatureOptions) {
    const { engine, log, extensionUri, chatFiles, forget } = options;
    this.#options = options;
    const names = () => this.#names();
    this.#view = this.#store.add(new SessionsView({ engine, names, log }));
    this.#panel = this.#store.add(
      new CachePanel({
        ...{ extensionUri, engine, names, chatFiles, log },
        onAction: (action) => void vscode.commands.executeCommand(commandOf[action]),
      }),
    );
    this.#actions = new SessionActions({ engine, forget });
  }

  get commands(): Readonly<Record<SessionCommandName, Handler>> {
    const actions = this.#actions;
    const withSession =
      (work: (session: SessionInfo, more?: unknown) => Promise<unknown>): Handler =>
      async (argument, more) => {
        const session = chosenSession(argument);
        return session === undefined ? this.#focus() : work(session, more);
      };
    return {
      showSessions: () => this.#focus(),
      showCache: async () => this.#panel.show(),
      removeEverything: (argument) => this.#removeEverything(argument),
      saveSession: withSession((session) => actions.save(session)),
      detachSession: withSession((session) => actions.detach(session)),
      discardSession: withSession((session) => actions.discard(session)),
      verifySession: withSession((session) => actions.verify(session)),
      exportSession: withSession((session, target) =>
        actions.export(session, target instanceof vscode.Uri ? target : undefined),
      ),
      revealSession: withSession(async ({ path }) => {
        if (path !== undefined) await revealPath(path);
      }),
    };
  }

  /** Something was evaluated, saved or removed. */
  sessionsChanged(): void {
    this.#view.sessionsChanged();
    this.#panel.changed();
  }

  statusCame(status: EngineStatus): void {
    this.#view.statusCame(status);
    this.#panel.changed();
  }

  dispose(): void {
    this.#store.dispose();
  }

  async #focus(): Promise<void> {
    await vscode.commands.executeCommand(`${viewIds.sessions}.focus`);
  }

  async #names(): Promise<SessionNames> {
    const titles = await this.#options.chatTitles();
    return {
      file: (uri) => vscode.workspace.asRelativePath(vscode.Uri.parse(uri)),
      chat: (chatId) => titles.get(chatId),
      time: (ms) => new Date(ms).toLocaleString(vscode.env.language),
    };
  }

  async #removeEverything(argument: unknown): Promise<void> {
    if (argument !== 'confirmed' && !(await confirmRemoval())) return;
    const { removed, bytes }: RemoveResult = await this.#options.engine.removeEverything();
    const words = vscode.l10n.t(
      'Everything was removed: {0} sessions, {1}.',
      ...[formatCount(removed), formatBytes(bytes)],
    );
    void vscode.window.showInformationMessage(`Warmfork: ${words}`);
  }
}

const commandOf: Readonly<Record<CacheAction, string>> = {
  clear: commandId('clearSessionCache'),
  removeEverything: commandId('removeEverything'),
  showContext: commandId('showProjectContext'),
  verify: commandId('verifySessions'),
};

async function confirmRemoval(): Promise<boolean> {
  const yes = vscode.l10n.t('Remove Everything');
  const question = vscode.l10n.t('Remove everything Warmfork keeps, of all workspaces?');
  const detail = vscode.l10n.t(
    'Sessions and facts about projects are made again when they are needed. Your files, and the chat history, are not touched.',
  );
  return (await vscode.window.showWarningMessage(question, { modal: true, detail }, yes)) === yes;
}
