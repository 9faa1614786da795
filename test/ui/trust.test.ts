import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inRoot } from '../../scripts/lib/paths.ts';
import { Session } from './harness/session.ts';
import { until } from './harness/until.ts';
import type { Workbench } from './harness/workbench.ts';
import { editedFile } from './harness/workspace.ts';

/** A folder from somewhere: it brings rules for assistants, and settings that choose a model and the size of the base. */
describe('a folder that is not trusted', () => {
  let session: Session;

  beforeAll(async () => {
    session = await Session.start({
      name: 'trust',
      workspaceTrust: true,
      settings: {
        'security.workspace.trust.enabled': true,
        'security.workspace.trust.startupPrompt': 'never',
      },
      prepare: bringsItsOwn,
    });
  });
  afterAll(() => session.stop());

  it('is completed without its rules and its settings, and with them once it is trusted', async () => {
    await session.window('trust', async (workbench) => {
      const restricted = await session.trace.next('base');
      expect(restricted.tokens).toBeGreaterThan(300);
      // The model is not the folder's choice.
      await workbench.untilStatus(/Warmfork.*stand-in/);
      const before = await projectContext(workbench);
      expect(before).toContain('This workspace is not trusted');
      expect(before).not.toContain('Rules: how work is done here');

      await workbench.openFile(editedFile);
      await workbench.press('Control+End');
      await workbench.type('export function greetAll(');
      await workbench.ghostText();
      await workbench.save();
      await workbench.screenshot('restricted-mode');

      await trust(workbench);
      // Trust and settings come one after the other, so there may be another base in between.
      await session.trace.next('base', ({ tokens }) => tokens <= 300);
      await workbench.untilStatus(/^(?=.*Warmfork)(?!.*stand-in)/);
      const after = await projectContext(workbench);
      expect(after).not.toContain('This workspace is not trusted');
      expect(after).toContain('Rules: how work is done here');
      expect(await workbench.notifications()).toEqual([]);
    });
  });
});

function bringsItsOwn(workspace: string): void {
  const model = join(workspace, 'chosen.gguf');
  writeFileSync(model, modelOfItsOwn());
  mkdirSync(join(workspace, '.vscode'));
  const settings = { 'warmfork.model.path': model, 'warmfork.base.maxTokens': 300 };
  writeFileSync(join(workspace, '.vscode', 'settings.json'), JSON.stringify(settings));
  writeFileSync(join(workspace, 'AGENTS.md'), 'Every function has a name in Latin.\n');
}

/** The stand-in model under a flag of another name, so that it counts as somebody's own. */
function modelOfItsOwn(): Buffer {
  const bytes = readFileSync(inRoot('models', 'stand-in.gguf'));
  bytes.write('warmfork.standxin', bytes.indexOf('warmfork.stand_in'));
  return bytes;
}

async function trust(workbench: Workbench): Promise<void> {
  await workbench.command('Workspaces: Manage Workspace Trust');
  const button = workbench.page.locator('.workspace-trust-editor .monaco-button', {
    hasText: /^Trust$/,
  });
  await button.click();
  await workbench.page.getByText('You trust this folder').waitFor();
  await workbench.press('Escape');
}

/** The text of *Show Project Context*. */
async function projectContext(workbench: Workbench): Promise<string> {
  await workbench.command('Warmfork: Show Project Context');
  await workbench.page.waitForSelector('.tab.active:has-text("Project Context.md")');
  return until('the document of the project context', async () => {
    const text = await workbench.editorText();
    return /# Project context/u.test(text) && /tokens in \d+ item/u.test(text) && text;
  });
}
