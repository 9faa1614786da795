import * as vscode from 'vscode';
import { commandId } from '../commandIds.ts';
import type { Explanation, Remedy } from './decisionWords.ts';
import type { Snooze } from './snooze.ts';

interface Period extends vscode.QuickPickItem {
  readonly minutes?: number;
}

function periods(): readonly Period[] {
  const lengths = [5, 15, 60];
  return [
    ...lengths.map((minutes) => ({ label: vscode.l10n.t('{0} minutes', minutes), minutes })),
    { label: vscode.l10n.t('Until VS Code starts again') },
  ];
}

/** Asks for how long, unless that is given (in minutes, for key bindings). */
export async function snoozeInline(snooze: Snooze, minutes: unknown): Promise<void> {
  if (typeof minutes === 'number' && minutes > 0) return snooze.start(minutes);
  const title = vscode.l10n.t('Snooze Inline Completions');
  const period = await vscode.window.showQuickPick(periods(), { title });
  if (period) snooze.start(period.minutes);
}

interface Way {
  readonly label: () => string;
  readonly run: () => Thenable<unknown>;
}

const remedies: Record<Remedy, Way> = {
  settings: {
    label: () => vscode.l10n.t('Open Settings'),
    run: () => openSettings('@ext:warmfork.warmfork inline'),
  },
  editorSettings: {
    label: () => vscode.l10n.t('Open Settings'),
    run: () => openSettings('editor.inlineSuggest.enabled'),
  },
  endSnooze: {
    label: () => vscode.l10n.t('End Snooze'),
    run: () => vscode.commands.executeCommand(commandId('endSnooze')),
  },
  log: {
    label: () => vscode.l10n.t('Show Log'),
    run: () => vscode.commands.executeCommand(commandId('showLog')),
  },
};

/** Says why the last suggestion did not come, with a way to change it. Asked for by a person, so it may show a message. */
export function showWhy({ words, remedy = 'log' }: Explanation): void {
  const { label, run } = remedies[remedy];
  void vscode.window
    .showInformationMessage(`Warmfork: ${words}`, label())
    .then((choice) => choice && run());
}

function openSettings(query: string): Thenable<unknown> {
  return vscode.commands.executeCommand('workbench.action.openSettings', query);
}
