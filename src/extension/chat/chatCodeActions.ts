import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable.ts';
import { commandId } from '../commandIds.ts';
import type { ChatCommandName } from './chatCommandNames.ts';

function actions(): readonly (readonly [name: ChatCommandName, title: string])[] {
  return [
    ['explain', vscode.l10n.t('Explain with Warmfork')],
    ['document', vscode.l10n.t('Document with Warmfork')],
    ['writeTests', vscode.l10n.t('Write Tests with Warmfork')],
    ['editSelection', vscode.l10n.t('Edit with Warmfork…')],
  ];
}

/** The light bulb's entries: for what is selected, and for a problem at the cursor. */
export class ChatCodeActions implements Disposable, vscode.CodeActionProvider {
  readonly #registration = vscode.languages.registerCodeActionsProvider({ pattern: '**' }, this, {
    providedCodeActionKinds: [
      vscode.CodeActionKind.QuickFix,
      vscode.CodeActionKind.RefactorRewrite,
    ],
  });

  provideCodeActions(
    _document: vscode.TextDocument,
    range: vscode.Range,
    { diagnostics }: vscode.CodeActionContext,
  ): vscode.CodeAction[] {
    const { QuickFix, RefactorRewrite } = vscode.CodeActionKind;
    const fix = vscode.l10n.t('Fix with Warmfork');
    const fixes = diagnostics.length > 0 ? [action('fix', fix, QuickFix)] : [];
    if (range.isEmpty) return fixes;
    return [...fixes, ...actions().map(([name, title]) => action(name, title, RefactorRewrite))];
  }

  dispose(): void {
    this.#registration.dispose();
  }
}

function action(
  name: ChatCommandName,
  title: string,
  kind: vscode.CodeActionKind,
): vscode.CodeAction {
  const made = new vscode.CodeAction(title, kind);
  made.command = { title, command: commandId(name) };
  return made;
}
