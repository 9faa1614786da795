import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { WarmforkApi } from '../../../src/extension/api.ts';
import { isCodeDocument } from '../../../src/extension/inline/documentText.ts';
import type { CompletionTrace } from '../../../src/extension/inline/question.ts';
import {
  askedAfter,
  closeEditors,
  completionAfter,
  fileUri,
  openText,
  trigger,
  type,
  until,
  warmApi,
  withSetting,
} from './helpers.ts';

const code = 'export function add(a: number, b: number): number {\n  return ';

describe('inline completions in all kinds of editors', () => {
  let api: WarmforkApi;

  before(async () => void (api = await warmApi()));
  afterEach(closeEditors);

  it('are several different ones for who asks', async () => {
    const { candidates } = await someSuggestion();
    assert.ok(candidates.length > 1, `${candidates.length} suggestions`);
    assert.equal(new Set(candidates).size, candidates.length);
    assert.match(api.whyNoSuggestion(), /suggestions were offered by the model/);
  });

  it('are taken over whole by the command of VS Code', async () => {
    const { text } = await someSuggestion();
    const document = vscode.window.activeTextEditor?.document;
    const before = document?.getText() ?? '';
    // The editor shows what it got a moment later.
    await until(async () => {
      await vscode.commands.executeCommand('editor.action.inlineSuggest.commit');
      return document?.getText() !== before || undefined;
    });
    assert.equal(document?.getText(), before + text);
  });

  it('are offered in a document that has no file', async () => {
    const { uri, stats } = await someSuggestion();
    assert.match(uri, /^untitled:/);
    assert.ok(stats && stats.promptTokens > 0);
  });

  it('know the cells above in a notebook', async () => {
    const alone = await promptTokensIn(['print(']);
    const below = await promptTokensIn(['import os\nunusual_name = os.getcwd()\n', 'print(']);
    assert.ok(below >= alone + 10, `${below} tokens below another cell, ${alone} without`);
  });

  it('are not for documents that nobody writes code in', async () => {
    const scheme = 'warmfork-test';
    const provider = vscode.workspace.registerTextDocumentContentProvider(scheme, {
      provideTextDocumentContent: () => code,
    });
    const open = (uri: vscode.Uri) => vscode.workspace.openTextDocument(uri);
    assert.equal(isCodeDocument(await open(vscode.Uri.parse(`${scheme}:/a.ts`))), false);
    assert.equal(isCodeDocument(await open(fileUri('package.json'))), true);
    provider.dispose();
  });

  it('come only on request in manual mode, and stay while they are typed', async () => {
    await withSetting('inline.trigger', 'manual', async () => {
      await openText(code);
      await refused(() => type('q'), /only when you ask/);
      const { text } = await someSuggestion();
      const next = await completionAfter(api, () => type(text.charAt(0)));
      assert.equal(next.source, 'typedAsSuggested');
    });
  });

  it('are snoozed and woken', async () => {
    await openText(code);
    await vscode.commands.executeCommand('warmfork.snooze', 60);
    await refused(() => type('q'), /snoozed until/);
    assert.notEqual((await completionAfter(api, trigger)).outcome, 'failed');
    await vscode.commands.executeCommand('warmfork.endSnooze');
    assert.notEqual((await completionAfter(api, () => type('w'))).outcome, 'failed');
  });

  it('are switched off for one language by its own setting', async () => {
    await openText(code);
    const read = () => vscode.workspace.getConfiguration('warmfork', { languageId: 'typescript' });
    const set = async (value: boolean | undefined): Promise<void> => {
      await read().update('inline.enabled', value, vscode.ConfigurationTarget.Global, true);
      await until(async () => read().get('inline.enabled') === (value ?? true) || undefined);
    };
    await set(false);
    await refused(trigger, /off for this language/);
    await set(undefined);
    assert.notEqual((await completionAfter(api, () => type('q'))).outcome, 'failed');
  });

  it('say that a secrets file is one', async () => {
    const uri = fileUri('.env.local');
    await vscode.workspace.fs.writeFile(uri, Buffer.from('TOKEN='));
    await withSetting('inline.languages', { '*': true }, async () => {
      await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri));
      const { outcome, dropped } = await completionAfter(api, trigger);
      assert.equal(outcome, 'empty');
      assert.equal(dropped, 'secretFile');
      assert.match(api.whyNoSuggestion(), /holds secrets/);
    });
  });

  /** Nothing is asked of the engine, and the reason is told. */
  async function refused(action: () => Promise<void>, reason: RegExp): Promise<void> {
    const traces: unknown[] = [];
    const listener = api.onDidComplete((trace) => traces.push(trace));
    await askedAfter(action);
    listener.dispose();
    assert.deepEqual(traces, []);
    assert.match(api.whyNoSuggestion(), reason);
  }

  /** What is offered in a new document: where the stand-in model has nothing to say, another one is tried. */
  async function someSuggestion(): Promise<CompletionTrace> {
    for (const start of [
      code,
      'const values = [',
      'import { join } from ',
      'for (const ',
      '// The ',
    ]) {
      await openText(start);
      const trace = await completionAfter(api, trigger);
      if (trace.text.length > 1 && trace.candidates.length > 1) return trace;
    }
    throw new Error('the stand-in model has nothing to say');
  }

  /** Of a question at the end of the last cell of a new notebook. */
  async function promptTokensIn(cells: readonly string[]): Promise<number> {
    const code = vscode.NotebookCellKind.Code;
    const data = cells.map((text) => new vscode.NotebookCellData(code, text, 'python'));
    const notebook = await vscode.workspace.openNotebookDocument(
      'jupyter-notebook',
      new vscode.NotebookData(data),
    );
    const index = cells.length - 1;
    await vscode.window.showNotebookDocument(notebook, {
      selections: [new vscode.NotebookRange(index, index + 1)],
    });
    await vscode.commands.executeCommand('notebook.cell.edit');
    const { document } = notebook.cellAt(index);
    const editor = await until(async () => {
      const active = vscode.window.activeTextEditor;
      return active?.document === document ? active : undefined;
    });
    const end = new vscode.Position(0, document.lineAt(0).text.length);
    editor.selection = new vscode.Selection(end, end);
    const { uri, stats } = await completionAfter(api, trigger);
    assert.equal(uri, notebook.uri.toString());
    return stats?.promptTokens ?? 0;
  }
});
