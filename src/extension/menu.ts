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
  const choice = await vscode.window.showQuickPick(entries(status, inline), {
    title: `Warmfork: ${words}`,
    placeHolder: status.message ?? (status.model?.standIn ? standInShort : 'Choose a command'),
  });
  if (choice?.command) await vscode.commands.executeCommand(commandId(choice.command));
}

function entries({ model }: EngineStatus, inline: InlineState): Entry[] {
  const modelName = model ? { description: model.name } : {};
  return [
    { label: '$(comment-discussion) Open Chat', command: 'openChat' },
    toggleEntry(inline),
    inline.kind === 'snoozed'
      ? { label: '$(bell) End Snooze', command: 'endSnooze' }
      : { label: '$(bell-slash) Snooze Inline Completions…', command: 'snooze' },
    { label: '$(question) Why No Suggestion?', command: 'whyNoSuggestion' },
    { label: '$(file-binary) Select Model…', command: 'selectModel', ...modelName },
    { label: 'Sessions', kind: vscode.QuickPickItemKind.Separator },
    { label: '$(list-unordered) Show Sessions', command: 'showSessions' },
    { label: '$(verified) Verify Session Files', command: 'verifySessions' },
    { label: '$(save-all) Save All Sessions', command: 'saveAllSessions' },
    { label: '$(refresh) Rebuild Base Session', command: 'rebuildBase' },
    { label: '$(list-tree) Show Project Context', command: 'showProjectContext' },
    { label: '$(discard) Discard Session for This File', command: 'discardFileSession' },
    { label: '$(trash) Clear Session Cache', command: 'clearSessionCache' },
    { label: 'Engine', kind: vscode.QuickPickItemKind.Separator },
    { label: '$(debug-restart) Restart Engine', command: 'restartEngine' },
    { label: '$(output) Show Log', command: 'showLog' },
  ];
}

function toggleEntry({ kind }: InlineState): Entry {
  const label =
    kind === 'off'
      ? '$(play) Resume Inline Completions'
      : '$(circle-slash) Pause Inline Completions';
  return { label, command: 'toggleInline' };
}
