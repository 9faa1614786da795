import * as vscode from 'vscode';
import type { EngineClient } from '../../client/engineClient.ts';
import { sessionRows, type SessionRow } from './sessionRows.ts';

interface Item extends vscode.QuickPickItem {
  readonly row: SessionRow;
}

const icons = { base: 'database', file: 'file-code', chat: 'comment-discussion' } as const;
const discard: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon('trash'),
  tooltip: 'Discard this session',
};

/** A list of the sessions; choosing a file's session opens the file, its button discards the session. */
export async function showSessions(engine: EngineClient): Promise<void> {
  const pick = vscode.window.createQuickPick<Item>();
  pick.title = 'Warmfork sessions';
  pick.placeholder = 'Loading…';
  pick.busy = true;
  pick.matchOnDescription = true;
  pick.onDidHide(() => pick.dispose());
  pick.onDidAccept(() => openFile(pick.selectedItems[0]?.row.uri));
  pick.onDidTriggerItemButton(async ({ item }) => {
    if (item.row.uri !== undefined) await engine.discardFileSession(item.row.uri);
    pick.items = await items(engine);
  });
  pick.show();
  try {
    pick.items = await items(engine);
    pick.placeholder = pick.items.length > 0 ? 'Open a file' : 'There are no sessions yet';
    pick.busy = false;
  } catch (error) {
    pick.hide();
    throw error;
  }
}

async function items(engine: EngineClient): Promise<Item[]> {
  const nameOf = (uri: string): string => vscode.workspace.asRelativePath(vscode.Uri.parse(uri));
  return sessionRows(await engine.listSessions(), nameOf).map((row) => ({
    row,
    label: `$(${icons[row.kind]}) ${row.name}`,
    description: row.facts,
    buttons: row.uri === undefined ? [] : [discard],
  }));
}

function openFile(uri: string | undefined): void {
  if (uri !== undefined) void vscode.window.showTextDocument(vscode.Uri.parse(uri));
}
