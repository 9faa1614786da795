import { afterEach, expect, it } from 'vitest';
import { Session } from './harness/session.ts';
import { editedFile } from './harness/workspace.ts';

let session: Session | undefined;
afterEach(() => session?.stop());

it.each([
  { name: 'dark', colorTheme: 'Default Dark Modern', themeClass: 'vs-dark' },
  { name: 'contrast', colorTheme: 'Default High Contrast', themeClass: 'hc-black' },
])(
  'in a $name theme ghost text, status bar and chat view are shown',
  async ({ name, colorTheme, themeClass }) => {
    session = await Session.start({ name, settings: { 'workbench.colorTheme': colorTheme } });
    const { trace } = session;
    await session.window(name, async (workbench) => {
      await trace.next('base');
      expect(await workbench.untilStatus(/Warmfork.*stand-in/)).toContain('stand-in model');
      await workbench.openFile(editedFile);
      await workbench.press('Control+End');
      await workbench.type('export function greetAll(');
      await workbench.ghostText();
      await workbench.screenshot(`ghost-text-${name}`);
      await workbench.command('Warmfork: Open Chat');
      await workbench.frameWith('.composer textarea');
      await workbench.screenshot(`chat-${name}`);
      expect(await workbench.page.locator(`.monaco-workbench.${themeClass}`).count()).toBe(1);
    });
  },
);
