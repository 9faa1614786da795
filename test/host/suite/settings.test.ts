import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { WarmforkApi } from '../../../src/extension/api.ts';
import {
  closeEditors,
  completionAfter,
  openFile,
  statsAfter,
  typeAndAsk,
  until,
  warmApi,
  withSetting,
} from './helpers.ts';

/** The diagnostics as soon as they say that. */
function diagnosticsWith(api: WarmforkApi, pattern: RegExp): Promise<string> {
  return until(async () => {
    const text = await api.diagnostics();
    return pattern.test(text) ? text : undefined;
  });
}

describe('settings', () => {
  let api: WarmforkApi;

  before(async () => void (api = await warmApi()));
  afterEach(closeEditors);

  it('of the engine are obeyed by a new engine, without the window being reloaded', async () => {
    await withSetting('model.threads', 3, async () => {
      await diagnosticsWith(api, /, 3 threads/);
    });
    await diagnosticsWith(api, /, 1 threads/);
    assert.equal((await api.whenWarm()).base?.source, 'restored');
  });

  it('of the chat and of completions are obeyed at once', async () => {
    const pid = api.enginePid();
    await withSetting('chat.maxAnswerTokens', 17, async () => {
      const answer = await api.ask('Tell me everything.');
      assert.ok(answer?.stats && answer.stats.generated <= 17, JSON.stringify(answer));
    });
    await withSetting('inline.enabled', false, async () => {
      await openFile('src/greeting.ts');
      assert.match(api.whyNoSuggestion(), /switched off \(warmfork\.inline\.enabled\)/);
    });
    await statsAfter(api, () => typeAndAsk('\nexport const obeyed = '));
    assert.equal(api.enginePid(), pid);
  });

  it('that are wrong are as if they were not set, and are named once', async () => {
    const line = /The setting warmfork\.inline\.debounceMs is not used: .*number is expected\./g;
    await withSetting('inline.debounceMs', 'soon', async () => {
      const text = await diagnosticsWith(api, line);
      assert.equal(text.match(line)?.length, 1);
      await openFile('src/greeting.ts');
      assert.ok((await completionAfter(api, () => typeAndAsk('q'))).outcome);
    });
  });
});

describe('diagnostics', () => {
  const marker = 'zebrafish';
  let api: WarmforkApi;

  before(async () => void (api = await warmApi()));
  afterEach(closeEditors);

  it('say what the engine runs on and nothing of what was written, asked or opened', async () => {
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
    assert.ok(folder);
    const uri = vscode.Uri.joinPath(folder, 'src', `${marker}.ts`);
    await vscode.workspace.fs.writeFile(uri, Buffer.from(`export const ${marker} = 1;\n`));
    await openFile(`src/${marker}.ts`);
    await completionAfter(api, () => typeAndAsk(`const ${marker}Too = `));
    await vscode.window.activeTextEditor?.document.save();
    await api.ask(`What is ${marker}?`, { maxTokens: 4 });
    // What fails names the file in its message.
    const session = { kind: 'file', id: uri.toString() };
    // Not awaited: its message waits for somebody.
    void vscode.commands.executeCommand(
      'warmfork.exportSession',
      { kind: 'session', session },
      vscode.Uri.joinPath(folder, marker, 'nowhere', `${marker}.session`),
    );
    const text = await diagnosticsWith(api, / error: /);
    for (const fact of [/^# Warmfork diagnostics/, /llama\.cpp v\d/, /library for \w+/, /file: \d/])
      assert.match(text, fact);
    assert.ok(!text.includes(marker), text);
    assert.ok(!text.includes(folder.fsPath), text);
    await vscode.workspace.fs.delete(uri);
  });
});
