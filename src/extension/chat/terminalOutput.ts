import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../../base/disposable.ts';
import type { Attachment } from './shared/chatEntry.ts';
import { plainTerminalText } from './plainTerminalText.ts';

/** The end of an output is what matters; so many characters of it are kept. */
const maxChars = 8_000;

/** Listens to the terminals with shell integration, and knows the last command that ran. In memory only. */
export class TerminalOutput implements Disposable {
  readonly #store = new DisposableStore();
  #command = '';
  #output = '';

  constructor() {
    this.#store.add(
      vscode.window.onDidStartTerminalShellExecution(({ execution }) => void this.#read(execution)),
    );
  }

  /** Undefined: nothing has run. */
  attachment(): Attachment | undefined {
    if (this.#command === '') return undefined;
    return { name: 'Terminal', text: `$ ${this.#command}\n${plainTerminalText(this.#output)}` };
  }

  dispose(): void {
    this.#store.dispose();
  }

  async #read(execution: vscode.TerminalShellExecution): Promise<void> {
    const command = execution.commandLine.value;
    this.#command = command;
    this.#output = '';
    for await (const piece of execution.read()) {
      if (this.#command !== command) return; // another one has begun
      this.#output = (this.#output + piece).slice(-maxChars);
    }
  }
}
