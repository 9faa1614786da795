import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { WarmforkApi } from '../../../src/extension/api.ts';
import {
  askedAfter,
  closeEditors,
  completionAfter,
  first,
  openText,
  statsAfter,
  trigger,
  type,
  warmApi,
  withSetting,
} from './helpers.ts';

const code = 'function recover(): number {\n  const value = ';

function enginePid(api: WarmforkApi): number {
  const pid = api.enginePid();
  assert.ok(pid !== undefined, 'an engine runs');
  return pid;
}

describe('recovery', () => {
  let api: WarmforkApi;

  before(async () => void (api = await warmApi()));
  afterEach(closeEditors);

  it('answers a completion whose engine was killed in the middle of it', async () => {
    await openText(code);
    await statsAfter(api, trigger);
    const [hostPid, oldPid] = [process.pid, enginePid(api)];
    const answer = first(api.onDidComplete, ({ outcome }) => outcome !== 'cancelled');
    // A stopped engine has the request and cannot answer it: the kill comes in its middle for sure.
    process.kill(oldPid, 'SIGSTOP');
    await askedAfter(() => type('q'));
    await new Promise((resolve) => setTimeout(resolve, 500));
    process.kill(oldPid, 'SIGKILL');
    const killedMs = performance.now();
    const { outcome, attempts, error } = await answer;
    const waitedMs = performance.now() - killedMs;

    assert.ok(outcome === 'offered' || outcome === 'empty', `${outcome}: ${error ?? ''}`);
    assert.equal(attempts, 2);
    assert.ok(waitedMs < 5000, `answered after ${waitedMs} ms`);
    assert.notEqual(enginePid(api), oldPid);
    assert.equal(process.pid, hostPid);
    const counters = await api.counters();
    assert.equal(counters.basesRestored, 1);
    assert.equal(counters.baseTokensEvaluated, 0);
  });

  it('starts another engine when a setting of the model changes', async () => {
    const oldPid = enginePid(api);
    const base = api.status().base;
    const settled = first(
      api.onDidChangeStatus,
      ({ state }) => state === 'ready' && api.enginePid() !== oldPid,
    );
    await withSetting('model.threads', 1, async () => {
      await settled;
    });
    assert.equal(api.status().base?.id, base?.id);
    await first(api.onDidChangeStatus, ({ state }) => state === 'ready');
  });

  it('says why a model cannot be used, and comes back without it', async () => {
    const failed = first(api.onDidChangeStatus, ({ state }) => state === 'failed');
    await withSetting('model.path', '/nowhere/none.gguf', async () => {
      assert.match((await failed).message ?? '', /none\.gguf/);
    });
    await first(api.onDidChangeStatus, ({ state }) => state === 'ready');
    await openText(code);
    const { outcome } = await completionAfter(api, trigger);
    assert.ok(outcome === 'offered' || outcome === 'empty', outcome);
  });

  it('restarts by command', async () => {
    const oldPid = enginePid(api);
    await vscode.commands.executeCommand('warmfork.restartEngine');
    assert.notEqual(enginePid(api), oldPid);
    assert.equal((await api.whenWarm()).state, 'ready');
  });
});
