import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Session } from './harness/session.ts';
import { editedFile } from './harness/workspace.ts';

describe('in a dark theme', () => {
  let session: Session;
  beforeAll(async () => {
    const settings = { 'workbench.colorTheme': 'Default Dark Modern' };
    session = await Session.start({ name: 'dark', settings });
  });
  afterAll(() => session.stop());

  it('shows ghost text, status bar and chat view', async () => {
    await session.window('dark', async (workbench) => {
      await session.trace.next('base');
      expect(await workbench.untilStatus(/Warmfork.*stand-in/)).toContain('stand-in model');
      await workbench.openFile(editedFile);
      await workbench.press('Control+End');
      await workbench.type('export function greetAll(');
      await workbench.ghostText();
      await workbench.screenshot('ghost-text-dark');
      await workbench.command('Warmfork: Open Chat');
      await workbench.frameWith('.composer textarea');
      await workbench.screenshot('chat-dark');
      expect(await workbench.page.locator('.monaco-workbench.vs-dark').count()).toBe(1);
    });
  });
});
