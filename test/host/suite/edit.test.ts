import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { closeEditors, openText, until, warmApi } from './helpers.ts';

const original = 'function f() {\n  return 1;\n}\n';

describe('Edit Selection', () => {
  before(warmApi);
  afterEach(closeEditors);

  function select(first: number, last: number): vscode.TextEditor {
    const editor = vscode.window.activeTextEditor;
    assert.ok(editor);
    editor.selection = new vscode.Selection(first, 0, last, 0);
    return editor;
  }

  async function lenses(uri: vscode.Uri): Promise<string[]> {
    const all = await vscode.commands.executeCommand<vscode.CodeLens[]>(
      'vscode.executeCodeLensProvider',
      uri,
    );
    return all.flatMap(({ command }) =>
      command?.command.startsWith('warmfork.') ? [command.title] : [],
    );
  }

  it('shows what the model wrote as a diff, and puts everything back when it is rejected', async () => {
    const uri = await openText(original);
    const { document } = select(1, 2);
    await vscode.commands.executeCommand('warmfork.editSelection', 'Return 2 instead.');
    assert.notEqual(document.getText(), original);
    assert.ok(document.getText().includes('  return 1;'), 'what goes still shows');
    const titles = await until(async () => {
      const now = await lenses(uri);
      return now.some((title) => title.includes('Accept')) ? now : undefined;
    });
    assert.ok(titles.some((title) => title.includes('Reject')));
    await vscode.commands.executeCommand('warmfork.rejectEdit');
    assert.equal(document.getText(), original);
    assert.deepEqual(await lenses(uri), []);
  });

  it('leaves what the model wrote when it is accepted', async () => {
    await openText(original);
    const { document } = select(1, 2);
    await vscode.commands.executeCommand('warmfork.editSelection', 'Return 2 instead.');
    const merged = document.getText();
    await vscode.commands.executeCommand('warmfork.acceptEdit');
    assert.ok(document.getText().startsWith('function f() {\n'));
    assert.ok(document.getText().endsWith('}\n'));
    assert.ok(document.getText().length < merged.length, 'what was replaced is gone');
    await vscode.commands.executeCommand('undo');
    assert.equal(document.getText(), original);
  });

  it('gives up when a person edits in the middle of it', async () => {
    const uri = await openText(original);
    const editor = select(1, 2);
    await vscode.commands.executeCommand('warmfork.editSelection', 'Return 2 instead.');
    await editor.edit((edit) => edit.insert(new vscode.Position(1, 0), 'x'));
    await until(async () => ((await lenses(uri)).length === 0 ? true : undefined));
  });
});
