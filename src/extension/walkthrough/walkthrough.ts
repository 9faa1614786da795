import * as vscode from 'vscode';
import type { EngineStatus } from '../../protocol/status.ts';
import type { CompletionTrace } from '../inline/question.ts';

const walkthroughId = 'warmfork.firstSteps';

/** Context keys that tick off the steps of the walkthrough in package.json. */
export class WalkthroughProgress {
  readonly #reached = new Set<string>();

  /** VS Code ticks off a step when its key changes, and not when it is true already: so they change while it is open. */
  async open(extensionId: string): Promise<void> {
    for (const key of this.#reached) await setKey(key, false);
    const walkthrough = `${extensionId}#${walkthroughId}`;
    await vscode.commands.executeCommand('workbench.action.openWalkthrough', walkthrough, false);
    for (const key of this.#reached) await setKey(key, true);
  }

  statusCame({ state, model, base }: EngineStatus): void {
    if (model && !model.standIn) this.#reach('hasModel');
    const hasProject = (vscode.workspace.workspaceFolders ?? []).length > 0;
    if (state === 'ready' && hasProject) this.#reach('hasProject');
    if (state === 'ready' && base !== undefined) this.#reach('isWarm');
  }

  completed({ outcome }: CompletionTrace): void {
    if (outcome === 'offered') this.#reach('hasCompleted');
  }

  /** Steps stay done. */
  #reach(key: string): void {
    if (this.#reached.has(key)) return;
    this.#reached.add(key);
    void setKey(key, true);
  }
}

function setKey(key: string, value: boolean): Thenable<unknown> {
  return vscode.commands.executeCommand('setContext', `warmfork.${key}`, value);
}
