import * as vscode from 'vscode';
import type { EngineStatus } from '../protocol/status.ts';
import { commandId, type CommandName } from './commandIds.ts';
import { readSettings } from './configuration.ts';
import { describeStatus, standInShort } from './status/statusText.ts';

interface Entry extends vscode.QuickPickItem {
  readonly command?: CommandName;
}

/** What a click on the status bar item opens: the state in words and every command. */
export async function showMenu(status: EngineStatus): Promise<void> {
  const isInlineOn = readSettings().inline.enabled;
  const { words } = describeStatus(status, isInlineOn);
  const choice = await vscode.window.showQuickPick(entries(status, isInlineOn), {
    title: `Warmfork: ${words}`,
    placeHolder: status.message ?? (status.model?.standIn ? standInShort : 'Choose a command'),
  });
  if (choice?.command) await vscode.commands.executeCommand(commandId(choice.command));
}

function entries({ model }: EngineStatus, isInlineOn: boolean): Entry[] {
  const modelName = model ? { description: model.name } : {};
  return [
    { label: '$(comment-discussion) Open Chat', command: 'openChat' },
    {
      label: isInlineOn
        ? '$(circle-slash) Pause Inline Completions'
        : '$(play) Resume Inline Completions',
      command: 'toggleInline',
    },
    { label: '$(file-binary) Select Model File…', command: 'selectModel', ...modelName },
    { label: 'Sessions', kind: vscode.QuickPickItemKind.Separator },
    { label: '$(list-unordered) Show Sessions', command: 'showSessions' },
    { label: '$(verified) Verify Session Files', command: 'verifySessions' },
    { label: '$(save-all) Save All Sessions', command: 'saveAllSessions' },
    { label: '$(refresh) Rebuild Base Session', command: 'rebuildBase' },
    { label: '$(discard) Discard Session for This File', command: 'discardFileSession' },
    { label: '$(trash) Clear Session Cache', command: 'clearSessionCache' },
    { label: 'Engine', kind: vscode.QuickPickItemKind.Separator },
    { label: '$(debug-restart) Restart Engine', command: 'restartEngine' },
    { label: '$(output) Show Log', command: 'showLog' },
  ];
}
