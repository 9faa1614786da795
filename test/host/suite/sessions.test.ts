import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { WarmforkApi } from '../../../src/extension/api.ts';
import type { SessionInfo } from '../../../src/protocol/status.ts';
import {
  closeEditors,
  completionAfter,
  fileUri,
  openFile,
  statsAfter,
  trigger,
  typeAndAsk,
  until,
  warmApi,
} from './helpers.ts';

const file = 'src/greeting.ts';

/** The session of a document once it has a file. */
function savedSession(api: WarmforkApi, uri: string): Promise<SessionInfo> {
  return until(async () =>
    (await api.sessions()).find(({ id, sizeBytes }) => id === uri && sizeBytes > 0),
  );
}

describe('file sessions', () => {
  let api: WarmforkApi;

  before(async () => void (api = await warmApi()));
  afterEach(closeEditors);

  it('are written when the document is saved, and survive a restart of the engine', async () => {
    const document = await openFile(file);
    const uri = document.uri.toString();
    await completionAfter(api, () => typeAndAsk('\nexport const first = '));
    assert.ok(await document.save());
    const session = await savedSession(api, uri);
    assert.equal(session.kind, 'file');
    assert.ok(session.tokens > 0);

    await vscode.commands.executeCommand('warmfork.restartEngine');
    assert.equal((await api.whenWarm()).base?.source, 'restored');
    const stats = await statsAfter(api, () => typeAndAsk('q'));
    assert.ok(stats.sessionRestored, 'the session came from its file');
    const counters = await api.counters();
    assert.equal(counters.overlaysRestored, 1);
    assert.equal(counters.basesRestored, 1);
    assert.equal(counters.baseTokensEvaluated, 0);
  });

  it('are written when the document is closed', async () => {
    const document = await openFile('src/base/assertNever.ts');
    await completionAfter(api, trigger);
    const before = (await api.counters()).overlaysSaved;
    await closeEditors();
    await savedSession(api, document.uri.toString());
    assert.ok((await api.counters()).overlaysSaved > before);
  });

  it('are discarded by command', async () => {
    const document = await openFile(file);
    const uri = document.uri.toString();
    await completionAfter(api, () => typeAndAsk('q'));
    await vscode.commands.executeCommand('warmfork.saveAllSessions');
    await savedSession(api, uri);
    await vscode.commands.executeCommand('warmfork.discardFileSession');
    assert.equal(
      (await api.sessions()).find(({ id, sizeBytes }) => id === uri && sizeBytes > 0),
      undefined,
    );
  });

  it('are all removed when the cache is cleared, and completions go on', async () => {
    await openFile(file);
    await completionAfter(api, () => typeAndAsk('q'));
    await vscode.commands.executeCommand('warmfork.saveAllSessions');
    await vscode.commands.executeCommand('warmfork.clearSessionCache', 'confirmed');
    const files = (await api.sessions()).filter(({ sizeBytes }) => sizeBytes > 0);
    assert.deepEqual(files, []);
    const { outcome } = await completionAfter(api, () => typeAndAsk('w'));
    assert.ok(outcome === 'offered' || outcome === 'empty', outcome);
  });

  it('stand on a base that takes in new files when it is rebuilt', async () => {
    const before = (await api.whenWarm()).base;
    const added = fileUri('src/added.ts');
    await vscode.workspace.fs.writeFile(
      added,
      Buffer.from('export const added = "to the base";\n'),
    );
    await vscode.commands.executeCommand('warmfork.rebuildBase');
    await vscode.workspace.fs.delete(added);
    const { base } = await api.whenWarm();
    assert.notEqual(base?.id, before?.id);
    assert.equal(base?.source, 'evaluated');
    assert.ok(base.persisted);
  });

  it('are found in order by Verify Session Files', async () => {
    await vscode.commands.executeCommand('warmfork.verifySessions');
    const text = vscode.window.activeTextEditor?.document.getText() ?? '';
    assert.match(text, /Everything is in order\./);
    assert.match(text, /base/);
  });
});
