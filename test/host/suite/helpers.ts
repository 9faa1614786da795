import assert from 'node:assert/strict';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import * as vscode from 'vscode';
import type { WarmforkApi } from '../../../src/extension/api.ts';
import type { CompletionTrace } from '../../../src/extension/inline/question.ts';
import type { RequestStats } from '../../../src/protocol/requests.ts';

export const extensionId = 'warmfork.warmfork';

/** The active extension, with its base session in place. */
export async function warmApi(): Promise<WarmforkApi> {
  const extension = vscode.extensions.getExtension<WarmforkApi>(extensionId);
  assert.ok(extension, 'the extension is installed');
  const api = await extension.activate();
  const status = await api.whenWarm();
  assert.equal(status.state, 'ready', status.message);
  await quietEditor();
  return api;
}

/** No other suggestions between what is typed and ghost text. */
async function quietEditor(): Promise<void> {
  const configuration = vscode.workspace.getConfiguration('editor');
  const off = { other: 'off', comments: 'off', strings: 'off' };
  if (isDeepStrictEqual(configuration.get('quickSuggestions'), off)) return;
  await configuration.update('quickSuggestions', off, vscode.ConfigurationTarget.Global);
  await configuration.update(
    'suggestOnTriggerCharacters',
    false,
    vscode.ConfigurationTarget.Global,
  );
}

/** A document in an editor of its own, the cursor at its end. */
export async function openText(content: string, language = 'typescript'): Promise<vscode.Uri> {
  const document = await vscode.workspace.openTextDocument({ content, language });
  moveToEnd(await vscode.window.showTextDocument(document));
  return document.uri;
}

/** A file of the workspace in an editor, the cursor at its end. */
export async function openFile(path: string): Promise<vscode.TextDocument> {
  // Not by openTextDocument: that keeps the document open for minutes after its editor is closed.
  await vscode.commands.executeCommand('vscode.open', fileUri(path));
  const editor = vscode.window.activeTextEditor;
  assert.ok(editor && editor.document.uri.path.endsWith(path), `${path} is open`);
  moveToEnd(editor);
  return editor.document;
}

export function fileUri(path: string): vscode.Uri {
  const folder = vscode.workspace.workspaceFolders?.[0];
  assert.ok(folder, 'a folder is open');
  return vscode.Uri.joinPath(folder.uri, path);
}

function moveToEnd(editor: vscode.TextEditor): void {
  const { document } = editor;
  const end = document.lineAt(document.lineCount - 1).range.end;
  editor.selection = new vscode.Selection(end, end);
}

/** Discards unsaved changes: nothing may ask. */
export async function closeEditors(): Promise<void> {
  while (vscode.window.activeTextEditor) {
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  }
}

export async function type(text: string): Promise<void> {
  await vscode.commands.executeCommand('type', { text });
}

export async function trigger(): Promise<void> {
  await vscode.commands.executeCommand('editor.action.inlineSuggest.trigger');
}

/** Types, and asks: what the editor asks by itself after typing is overtaken. */
export async function typeAndAsk(text: string): Promise<void> {
  await type(text);
  await trigger();
}

/** What became of the completion that the action leads to. */
export async function completionAfter(
  api: WarmforkApi,
  action: () => Promise<void>,
): Promise<CompletionTrace> {
  const trace = first(api.onDidComplete, ({ outcome }) => outcome !== 'cancelled');
  await action();
  return trace;
}

/** The same, for one that the engine has to have answered. */
export async function statsAfter(
  api: WarmforkApi,
  action: () => Promise<void>,
): Promise<RequestStats> {
  const { stats, outcome, error } = await completionAfter(api, action);
  assert.ok(stats, `${outcome}: ${error ?? 'without the engine'}`);
  return stats;
}

/** The first event that fits. */
export function first<T>(event: vscode.Event<T>, fits: (value: T) => boolean): Promise<T> {
  return new Promise((resolve) => {
    const listener = event((value) => {
      if (!fits(value)) return;
      listener.dispose();
      resolve(value);
    });
  });
}

/** Resolves when the editor has asked all providers: ours got the question in the same go. */
export async function askedAfter(action: () => Promise<void>): Promise<void> {
  let registration: vscode.Disposable | undefined;
  const asked = new Promise<void>((resolve) => {
    registration = vscode.languages.registerInlineCompletionItemProvider('*', {
      provideInlineCompletionItems: () => {
        resolve();
        return [];
      },
    });
  });
  await action();
  await asked;
  registration?.dispose();
  for (let turn = 0; turn < 20; turn++) await nextTurn();
}

/** Asks again until there is an answer; mocha's limit ends it. */
export async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await sleep(25);
  }
}

/** Sets a setting for the time of an action. */
export async function withSetting(
  key: string,
  value: unknown,
  action: () => Promise<void>,
): Promise<void> {
  const configuration = vscode.workspace.getConfiguration('warmfork');
  await configuration.update(key, value, vscode.ConfigurationTarget.Global);
  try {
    await action();
  } finally {
    await configuration.update(key, undefined, vscode.ConfigurationTarget.Global);
  }
}
