import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable.ts';

/** Beside the status: shows while a model is downloaded, and as long as only the stand-in model is there. One click opens the list. */
export class ModelStatusItem implements Disposable {
  readonly #item = vscode.window.createStatusBarItem(
    'warmfork.model',
    vscode.StatusBarAlignment.Right,
    99,
  );
  #isStandIn = false;
  #percent: number | undefined;

  constructor() {
    this.#item.name = vscode.l10n.t('Warmfork Model');
    this.#item.command = 'warmfork.selectModel';
  }

  setStandIn(isStandIn: boolean): void {
    this.#isStandIn = isStandIn;
    this.#show();
  }

  /** Undefined: nothing is loaded any more. */
  setDownload(percent: number | undefined): void {
    this.#percent = percent;
    this.#show();
  }

  dispose(): void {
    this.#item.dispose();
  }

  #show(): void {
    if (this.#percent !== undefined) {
      const words = vscode.l10n.t('model {0} %', this.#percent);
      this.#set(`$(cloud-download) ${words}`, vscode.l10n.t('A model is being downloaded.'));
    } else if (this.#isStandIn) {
      this.#set(
        `$(warning) ${vscode.l10n.t('Choose a model')}`,
        vscode.l10n.t(
          'The stand-in model writes text without meaning. Click to choose a real one, on this machine or to download.',
        ),
      );
    } else this.#item.hide();
  }

  #set(text: string, tooltip: string): void {
    this.#item.text = text;
    this.#item.tooltip = tooltip;
    this.#item.accessibilityInformation = { label: `Warmfork: ${tooltip}`, role: 'button' };
    this.#item.show();
  }
}
