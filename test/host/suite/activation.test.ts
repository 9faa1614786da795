import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { extensionId, warmApi } from './helpers.ts';

interface Manifest {
  readonly contributes: { readonly commands: readonly { readonly command: string }[] };
}

describe('activation', () => {
  it('gives a warm engine with a base session of this workspace', async () => {
    const api = await warmApi();
    const { model, base, persistence } = api.status();
    assert.ok(base && base.tokens > 0, 'the base has tokens');
    assert.ok(base.persisted, 'the base is in a file');
    assert.ok(model?.standIn, 'the stand-in model is known as such');
    assert.equal(persistence.kind, 'mapped', persistence.reason);
  });

  it('runs the engine in a process of its own', async () => {
    const pid = (await warmApi()).enginePid();
    assert.ok(pid !== undefined && pid !== process.pid);
  });

  it('registers every command that package.json declares, and no other', async () => {
    await warmApi();
    const extension = vscode.extensions.getExtension(extensionId);
    const { contributes } = extension?.packageJSON as Manifest;
    const declared = contributes.commands.map(({ command }) => command).sort();
    // VS Code makes some for every view.
    const isOurs = (command: string): boolean =>
      command.startsWith('warmfork.') && !/^warmfork\.(chat|sessions)\./.test(command);
    const registered = (await vscode.commands.getCommands(true)).filter(isOurs).sort();
    assert.deepEqual(registered, declared);
  });
});
