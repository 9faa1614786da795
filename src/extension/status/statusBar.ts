import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../../base/disposable.ts';
import type { EngineStatus } from '../../protocol/status.ts';
import { describeStatus, standInWarning, type InlineState, type StatusText } from './statusText.ts';

/** The item at the bottom right; a click opens the menu of commands. */
export class StatusBar implements Disposable {
  readonly #store = new DisposableStore();
  readonly #item: vscode.StatusBarItem;

  constructor() {
    this.#item = this.#store.add(
      vscode.window.createStatusBarItem('warmfork.status', vscode.StatusBarAlignment.Right, 100),
    );
    this.#item.name = 'Warmfork';
    this.#item.command = 'warmfork.showMenu';
    this.#item.show();
  }

  update(status: EngineStatus, inline: InlineState): void {
    const text = describeStatus(status, inline);
    this.#item.text = text.label;
    this.#item.tooltip = tooltip(text, status.model?.standIn ?? false);
    this.#item.accessibilityInformation = { label: `Warmfork: ${text.words}`, role: 'button' };
    this.#item.backgroundColor =
      text.severity === 'error'
        ? new vscode.ThemeColor('statusBarItem.errorBackground')
        : undefined;
  }

  dispose(): void {
    this.#store.dispose();
  }
}

/** Model names and messages go in as text, never as markdown. */
function tooltip({ words, facts }: StatusText, isStandIn: boolean): vscode.MarkdownString {
  const markdown = new vscode.MarkdownString(`**Warmfork: ${words}**`, true);
  if (isStandIn) markdown.appendMarkdown(`\n\n$(warning) ${standInWarning}`);
  for (const { name, value } of facts) {
    markdown.appendMarkdown(`\n\n**${name}:** `).appendText(value);
  }
  return markdown;
}
