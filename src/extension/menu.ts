import * as vscode from 'vscode';
import type { EngineStatus } from '../protocol/status.ts';
import { commandId, type CommandName } from './commandIds.ts';
import { describeStatus, standInShort, type InlineState } from './status/statusText.ts';

interface Entry extends vscode.QuickPickItem {
  readonly command?: CommandName;
}

/** What a click on the status bar item opens: the state in words and every command. */
export async function showMenu(status: EngineStatus, inline: InlineState): Promise<void> {
  const { words } = describeStatus(status, inline);
  const advice = status.model?.standIn ? standInShort() : vscode.l10n.t('Choose a command');
  const choice = await vscode.window.showQuickPick(entries(status, inline), {
    title: `Warmfork: ${words}`,
    placeHolder: status.message ?? advice,
  });
  if (choice?.command) await vscode.commands.executeCommand(commandId(choice.command));
}

function entries({ model, state }: EngineStatus, inline: InlineState): Entry[] {
  return [
    entry('comment-discussion', vscode.l10n.t('Open Chat'), 'openChat'),
    toggleEntry(inline),
    inline.kind === 'snoozed'
      ? entry('bell', vscode.l10n.t('End Snooze'), 'endSnooze')
      : entry('bell-slash', vscode.l10n.t('Snooze Inline Completions…'), 'snooze'),
    entry('question', vscode.l10n.t('Why No Suggestion?'), 'whyNoSuggestion'),
    entry('file-binary', vscode.l10n.t('Select Model…'), 'selectModel', model?.name),
    separator(vscode.l10n.t('Sessions')),
    entry('list-tree', vscode.l10n.t('Show Sessions'), 'showSessions'),
    entry('pie-chart', vscode.l10n.t('Show Cache'), 'showCache'),
    entry('verified', vscode.l10n.t('Verify Session Files'), 'verifySessions'),
    entry('save-all', vscode.l10n.t('Save All Sessions'), 'saveAllSessions'),
    baseEntry(state),
    entry('list-tree', vscode.l10n.t('Show Project Context'), 'showProjectContext'),
    entry('discard', vscode.l10n.t('Discard Session for This File'), 'discardFileSession'),
    entry('trash', vscode.l10n.t('Clear Session Cache'), 'clearSessionCache'),
    separator(vscode.l10n.t('Engine')),
    entry('debug-restart', vscode.l10n.t('Restart Engine'), 'restartEngine'),
    entry('key', vscode.l10n.t('Set Server Key…'), 'setServerKey'),
    entry('output', vscode.l10n.t('Show Log'), 'showLog'),
    entry('mortar-board', vscode.l10n.t('Open Walkthrough'), 'openWalkthrough'),
    entry('copy', vscode.l10n.t('Copy Diagnostics'), 'copyDiagnostics'),
    entry('report', vscode.l10n.t('Report Problem…'), 'reportProblem'),
  ];
}

/** What was evaluated is kept: stopping costs nothing. */
function baseEntry(state: EngineStatus['state']): Entry {
  return state === 'warming'
    ? entry('debug-pause', vscode.l10n.t('Stop Building the Base Session'), 'stopBuilding')
    : entry('refresh', vscode.l10n.t('Rebuild Base Session'), 'rebuildBase');
}

function toggleEntry({ kind }: InlineState): Entry {
  return kind === 'off'
    ? entry('play', vscode.l10n.t('Resume Inline Completions'), 'toggleInline')
    : entry('circle-slash', vscode.l10n.t('Pause Inline Completions'), 'toggleInline');
}

function entry(icon: string, words: string, command: CommandName, description?: string): Entry {
  const label = `$(${icon}) ${words}`;
  return { label, command, ...(description !== undefined && { description }) };
}

function separator(label: string): Entry {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}
