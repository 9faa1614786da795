import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../../base/disposable.ts';
import { systemClock } from '../../client/clock.ts';
import type { EngineClient } from '../../client/engineClient.ts';
import type { EngineStatus } from '../../protocol/status.ts';
import { plainMarkdown } from '../plainMarkdown.ts';
import { viewIds } from '../viewIds.ts';
import { LazyRefresh } from './lazyRefresh.ts';
import { sessionGroups, type SessionGroup, type SessionNode } from './sessionNodes.ts';
import type { SessionNames } from './sessionWords.ts';

type Node = SessionGroup | SessionNode;

export interface SessionsViewOptions {
  readonly engine: Pick<EngineClient, 'listSessions'>;
  readonly names: () => Promise<SessionNames>;
  readonly log: vscode.LogOutputChannel;
}

/** The tree of sessions. It asks the engine only while it can be seen, and only when something has changed. */
export class SessionsView implements vscode.TreeDataProvider<Node>, Disposable {
  readonly #options: SessionsViewOptions;
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new vscode.EventEmitter<undefined>());
  readonly #view: vscode.TreeView<Node>;
  readonly #refresh: LazyRefresh;
  readonly onDidChangeTreeData = this.#changed.event;

  constructor(options: SessionsViewOptions) {
    this.#options = options;
    this.#refresh = this.#store.add(
      new LazyRefresh(systemClock, () => this.#changed.fire(undefined)),
    );
    this.#view = this.#store.add(
      vscode.window.createTreeView(viewIds.sessions, { treeDataProvider: this }),
    );
    this.#store.add(
      this.#view.onDidChangeVisibility(({ visible }) => this.#refresh.setVisible(visible)),
    );
    this.#refresh.setVisible(this.#view.visible);
  }

  dispose(): void {
    this.#store.dispose();
  }

  sessionsChanged(): void {
    this.#refresh.changed();
  }

  statusCame({ state, message }: EngineStatus): void {
    const text = state === 'failed' ? (message ?? vscode.l10n.t('The engine has failed.')) : '';
    this.#view.message = text;
    this.#refresh.changed();
  }

  async getChildren(node?: Node): Promise<Node[]> {
    if (node?.kind === 'session') return [];
    return node === undefined ? this.#groups() : [...node.sessions];
  }

  getTreeItem(node: Node): vscode.TreeItem {
    return node.kind === 'group' ? groupItem(node) : sessionItem(node);
  }

  async #groups(): Promise<SessionGroup[]> {
    try {
      const sessions = await this.#options.engine.listSessions();
      return [...sessionGroups(sessions, await this.#options.names())];
    } catch (error) {
      // The status says what is wrong with the engine; it tells when that has changed.
      this.#options.log.debug(`sessions were not listed: ${String(error)}`);
      return [];
    }
  }
}

function groupItem({ of, label, description }: SessionGroup): vscode.TreeItem {
  const item = new vscode.TreeItem(label, vscode.TreeItemCollapsibleState.Expanded);
  item.id = of;
  item.description = description;
  item.contextValue = 'group';
  return item;
}

function sessionItem(node: SessionNode): vscode.TreeItem {
  const { session, label, description, icon, context, words } = node;
  const item = new vscode.TreeItem(label, vscode.TreeItemCollapsibleState.None);
  item.id = `${session.kind} ${session.id}`;
  item.description = description;
  item.iconPath = new vscode.ThemeIcon(icon);
  item.contextValue = context;
  item.tooltip = tooltip(node);
  item.accessibilityInformation = { label: words };
  if (session.kind === 'file') item.command = openCommand(session.id);
  return item;
}

/** Names and paths go in as text, never as markdown. */
function tooltip({ label, facts }: SessionNode): vscode.MarkdownString {
  const markdown = new vscode.MarkdownString(`**${plainMarkdown(label)}**`);
  for (const { name, value } of facts)
    markdown.appendMarkdown(`\n\n${plainMarkdown(`${name}: ${value}`)}`);
  return markdown;
}

function openCommand(uri: string): vscode.Command {
  return {
    command: 'vscode.open',
    title: vscode.l10n.t('Open File'),
    arguments: [vscode.Uri.parse(uri)],
  };
}
