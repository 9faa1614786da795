import * as vscode from 'vscode';
import { commandId } from '../commandIds.ts';
import type { Explanation, Remedy } from './decisionWords.ts';
import type { Snooze } from './snooze.ts';

interface Period extends vscode.QuickPickItem {
  readonly minutes?: number;
}

const periods: readonly Period[] = [
  { label: '5 minutes', minutes: 5 },
  { label: '15 minutes', minutes: 15 },
  { label: '60 minutes', minutes: 60 },
  { label: 'Until VS Code starts again' },
];

/** Asks for how long, unless that is given (in minutes, for key bindings). */
export async function snoozeInline(snooze: Snooze, minutes: unknown): Promise<void> {
  if (typeof minutes === 'number' && minutes > 0) return snooze.start(minutes);
  const title = 'Snooze Inline Completions';
  const period = await vscode.window.showQuickPick(periods, { title });
  if (period) snooze.start(period.minutes);
}

interface Way {
  readonly label: string;
  readonly run: () => Thenable<unknown>;
}

const remedies: Record<Remedy, Way> = {
  settings: { label: 'Open Settings', run: () => openSettings('@ext:warmfork.warmfork inline') },
  editorSettings: {
    label: 'Open Settings',
    run: () => openSettings('editor.inlineSuggest.enabled'),
  },
  endSnooze: {
    label: 'End Snooze',
    run: () => vscode.commands.executeCommand(commandId('endSnooze')),
  },
  log: { label: 'Show Log', run: () => vscode.commands.executeCommand(commandId('showLog')) },
};

/** Says why the last suggestion did not come, with a way to change it. Asked for by a person, so it may show a message. */
export function showWhy({ words, remedy = 'log' }: Explanation): void {
  const { label, run } = remedies[remedy];
  void vscode.window
    .showInformationMessage(`Warmfork: ${words}`, label)
    .then((choice) => choice && run());
}

function openSettings(query: string): Thenable<unknown> {
  return vscode.commands.executeCommand('workbench.action.openSettings', query);
}
