import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../../base/disposable.ts';
import type { EngineStatus } from '../../protocol/status.ts';
import { commandId } from '../commandIds.ts';
import { plainMarkdown } from '../plainMarkdown.ts';
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

  /** @param problems sentences about settings that cannot be used */
  update(status: EngineStatus, inline: InlineState, problems: readonly string[]): void {
    const text = describeStatus(status, inline, problems);
    this.#item.text = text.label;
    this.#item.tooltip = tooltip(text, status.model?.standIn ?? false);
    this.#item.accessibilityInformation = { label: text.spoken, role: 'button' };
    this.#item.backgroundColor = backgroundOf(text);
  }

  dispose(): void {
    this.#store.dispose();
  }
}

function backgroundOf({ severity }: StatusText): vscode.ThemeColor | undefined {
  return severity === 'error' ? new vscode.ThemeColor('statusBarItem.errorBackground') : undefined;
}

/** Model names and messages go in as text, never as markdown. Only commands of ours may be links. */
function tooltip({ words, facts, problems, commands }: StatusText, isStandIn: boolean) {
  const markdown = new vscode.MarkdownString(`**Warmfork: ${words}**`, true);
  markdown.isTrusted = { enabledCommands: commands.map(({ command }) => commandId(command)) };
  if (isStandIn) markdown.appendMarkdown(`\n\n$(warning) ${standInWarning()}`);
  for (const problem of problems)
    markdown.appendMarkdown(`\n\n$(warning) ${plainMarkdown(problem)}`);
  for (const { name, value } of facts) {
    markdown.appendMarkdown(`\n\n**${name}:** ${plainMarkdown(value)}`);
  }
  const links = commands.map(({ title, command }) => `[${title}](command:${commandId(command)})`);
  return markdown.appendMarkdown(`\n\n${links.join(' · ')}`);
}
