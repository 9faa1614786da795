import * as vscode from 'vscode';
import type { EngineStatus } from '../../protocol/status.ts';
import type { CompletionTrace } from '../inline/question.ts';

const id = 'warmfork.firstSteps';

export async function openWalkthrough(extensionId: string): Promise<void> {
  const walkthrough = `${extensionId}#${id}`;
  await vscode.commands.executeCommand('workbench.action.openWalkthrough', walkthrough, false);
}

/** Context keys that tick off the steps of the walkthrough in package.json. */
export class WalkthroughProgress {
  readonly #known = new Set<string>();

  statusCame({ state, model, base }: EngineStatus): void {
    if (model && !model.standIn) this.#reach('hasModel');
    if (state === 'ready' && base !== undefined) this.#reach('isWarm');
  }

  completed({ outcome }: CompletionTrace): void {
    if (outcome === 'offered') this.#reach('hasCompleted');
  }

  /** Steps stay done. */
  #reach(key: string): void {
    if (this.#known.has(key)) return;
    this.#known.add(key);
    void vscode.commands.executeCommand('setContext', `warmfork.${key}`, true);
  }
}
