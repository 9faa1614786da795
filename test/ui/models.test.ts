import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inRoot } from '../../scripts/lib/paths.ts';
import { writeFile } from '../models/ggufFile.ts';
import { ModelServer, stallAfter } from '../models/modelServer.ts';
import { Session } from './harness/session.ts';
import { until } from './harness/until.ts';
import type { Workbench } from './harness/workbench.ts';
import { editedFile } from './harness/workspace.ts';

/** The stand-in model under another name of the same length, and no stand-in any more. */
function namedModel(name: string): Buffer {
  const bytes = readFileSync(inRoot('models/stand-in.gguf'));
  const before = 'Warmfork stand-in';
  bytes.write(name.padEnd(before.length).slice(0, before.length), bytes.indexOf(before));
  const flag = 'warmfork.stand_in';
  bytes[bytes.indexOf(flag) + flag.length + 4] = 0;
  return bytes;
}

const chooseItem = '.statusbar-item:has-text("Choose a model")';
const rows = '.quick-input-list .monaco-list-row';

/** The first minute with a real model, as a person has it. The tests build on each other. */
describe('choosing a model', () => {
  let session: Session;
  let server: ModelServer;
  let studio = '';
  beforeAll(async () => {
    server = await ModelServer.start({ content: namedModel('Downloaded Coder'), hub: true });
    process.env['HF_ENDPOINT'] = server.origin;
    session = await Session.start({ name: 'models' });
    studio = join(session.folder, 'home', '.lmstudio', 'models', 'maker', 'studio-coder');
    writeFile(join(studio, 'studio-coder-Q8_0.gguf'), namedModel('Studio Coder'));
    const cut = namedModel('Cut Coder').subarray(0, 4_000_000);
    writeFile(join(studio, 'cut-coder-Q8_0.gguf'), cut);
  });
  afterAll(async () => {
    delete process.env['HF_ENDPOINT'];
    await session.stop();
    await server.stop();
  });

  /** What the workspace sets, over what was chosen before. */
  function inWorkspace(values?: Readonly<Record<string, unknown>>): Record<string, unknown> {
    const file = join(session.workspace, '.vscode', 'settings.json');
    if (values) writeFile(file, JSON.stringify(values));
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  }

  /** Light comes last again. */
  async function inAllThemes(
    workbench: Workbench,
    look: (theme: string) => Promise<unknown>,
  ): Promise<void> {
    const themes = [
      ['dark', 'Dark Modern', '.vs-dark'],
      ['contrast', 'Dark High Contrast', '.hc-black'],
      ['light', 'Light Modern', '.vs'],
    ] as const;
    for (const [short, theme, selector] of themes) {
      await workbench.press('F1');
      await workbench.page.waitForSelector('.quick-input-widget:visible input');
      await workbench.page.keyboard.type('Preferences: Color Theme');
      await workbench.page.click(`${rows}[aria-label^="Preferences: Color Theme"]`);
      await workbench.page.waitForSelector('input[placeholder^="Select Color Theme"]');
      await workbench.page.keyboard.type(theme);
      await workbench.page.waitForSelector(`${rows}.focused:has-text("${theme}")`);
      await workbench.press('Enter');
      await workbench.page.waitForSelector(`.monaco-workbench${selector}`);
      await look(short);
    }
  }

  /** Opens the list and waits until it is complete. */
  async function openList(workbench: Workbench, title = 'Warmfork: Select Model'): Promise<void> {
    await workbench.command(title);
    await workbench.page.waitForSelector('.quick-input-widget:visible:has-text("Studio Coder")');
  }

  /** Chooses the row that is left after typing. */
  async function choose(workbench: Workbench, text: string): Promise<void> {
    await workbench.page.keyboard.type(text);
    await until(`only "${text}"`, async () => {
      const labels = await workbench.page.locator(rows).allInnerTexts();
      return labels.length === 1 && labels[0]?.includes(text);
    });
    await workbench.press('Enter');
  }

  async function notification(workbench: Workbench, pattern: RegExp): Promise<string> {
    return until(`a notification ${pattern}`, async () =>
      (await workbench.notifications()).find((text) => pattern.test(text)),
    );
  }

  async function click(workbench: Workbench, button: string): Promise<void> {
    await workbench.page
      .locator(`.notification-toast .monaco-button:has-text("${button}")`)
      .click();
  }

  /** Ready with a model that is no stand-in. */
  async function untilReal(workbench: Workbench): Promise<void> {
    await workbench.untilStatus(/^(?!.*(stand-in|starting|loading|warming|failed)).*Warmfork/);
    await workbench.page.waitForSelector(chooseItem, { state: 'detached' });
  }

  it('says plainly that there is only a stand-in; one click leads to a real one, the walkthrough ticks it off', async () => {
    await session.window('models-pick', async (workbench) => {
      await workbench.untilStatus(/Warmfork.*stand-in/);
      await workbench.page.click(chooseItem);
      await workbench.page.waitForSelector('.quick-input-widget:visible:has-text("Studio Coder")');
      const shown = await workbench.page.locator('.quick-input-list').innerText();
      expect(shown).toMatch(/in use/);
      expect(shown).toMatch(/Stand-in model, whose text has no meaning/);
      expect(shown).toMatch(/on this machine/);
      expect(shown).toMatch(/needs \d+ MiB of [\d.]+ GiB memory/);
      expect(shown).toMatch(/"cut-coder-Q8_0\.gguf" is cut off/);
      await workbench.screenshot('models-light');
      await choose(workbench, 'Studio Coder');
      await untilReal(workbench);
      await workbench.screenshot('models-chosen-light');

      await workbench.command('Warmfork: Open Walkthrough');
      const step = (id: string, isDone: boolean) =>
        `[data-done-step-id$="#${id}"][aria-checked="${isDone}"]`;
      await workbench.page.waitForSelector(
        '.gettingStartedContainer:has-text("First Steps with Warmfork")',
      );
      for (const id of ['model', 'project', 'warm']) {
        await workbench.page.waitForSelector(step(id, true), { state: 'attached' });
      }
      await workbench.page.waitForSelector(step('chat', false), { state: 'attached' });
      // Room for the pictures beside the steps.
      await workbench.press('Control+B');
      await inAllThemes(workbench, async (theme) => {
        await workbench.screenshot(`walkthrough-${theme}`);
        await openList(workbench);
        await workbench.screenshot(`models-list-${theme}`);
        await workbench.press('Escape');
      });
      await workbench.command('Warmfork: Open Chat');
      await workbench.frameWith('.composer textarea');
      await workbench.page.waitForSelector(step('chat', true), { state: 'attached' });
    });
    await session.untilIdle();
  });

  it('refuses a bad file in one sentence; downloads by reference, with progress, cancel and resume', async () => {
    await session.window('models-bad', async (workbench) => {
      await untilReal(workbench);
      const starts = session.trace.of('model').length;
      await openList(workbench);
      await choose(workbench, 'cut-coder');
      expect(await notification(workbench, /cut off/)).toMatch(
        /^Warmfork: "cut-coder-Q8_0\.gguf" is cut off, it has 3\.8 MB of 5\.4 MB: download it again\.$/,
      );
      await workbench.screenshot('models-bad-light');
      await workbench.command('Notifications: Clear All Notifications');
      expect(session.trace.of('model')).toHaveLength(starts);

      // By hand, nobody looks before the engine does; then the way back is one click.
      inWorkspace({ 'warmfork.model.path': join(studio, 'cut-coder-Q8_0.gguf') });
      await workbench.untilStatus(/failed/);
      await notification(workbench, /cut off/);
      await workbench.screenshot('models-failed-light');
      await click(workbench, 'Use the Former Model');
      await untilReal(workbench);
      const former = join(studio, 'studio-coder-Q8_0.gguf');
      expect(inWorkspace()['warmfork.model.path']).toBe(former);

      const stall = stallAfter(() => server, 2_000_000);
      server.options = {
        ...server.options,
        onGet: (request, response, n) => n === 1 && stall(request, response, n),
      };
      await openList(workbench);
      await choose(workbench, 'Hugging Face reference');
      await workbench.page.waitForSelector(
        '.quick-input-widget:visible:has-text("Download a Model")',
      );
      expect(server.requests).toEqual([]);
      await workbench.page.keyboard.type('hf:me/tiny-gguf:Q8_0');
      await workbench.press('Enter');
      await notification(workbench, /2 MiB of 5 MiB/);
      await workbench.page.waitForSelector('.statusbar-item:has-text("model 35 %")');
      await workbench.screenshot('models-download-light');
      await click(workbench, 'Cancel');
      await workbench.page.waitForSelector('.statusbar-item:has-text("model 35 %")', {
        state: 'detached',
      });
      await openList(workbench);
      await choose(workbench, 'Resume tiny.gguf');
      await until('the rest of the file', () => server.requests.includes('GET 2000000-'));
      await until('the downloaded model', async () => {
        await workbench.page.locator('.statusbar-item[id*="warmfork"]').first().hover();
        const hover = await workbench.page.locator('.monaco-hover').allInnerTexts();
        return hover.some((text) => text.includes('Downloaded Coder'));
      });
    });
    await session.untilIdle();
  });

  it('gives the chat a model of its own, and takes it back', async () => {
    await session.window('models-chat', async (workbench) => {
      await untilReal(workbench);
      const loaded = session.trace.of('model').length;
      await openList(workbench, 'Warmfork: Choose Chat Model');
      await choose(workbench, 'Studio Coder');
      await session.trace.next('model', ({ action }) => action === 'loaded', { skip: loaded });
      await workbench.command('Warmfork: Open Chat');
      const frame = await workbench.frameWith('.composer textarea');
      const ask = async (question: string): Promise<number> => {
        const skip = session.trace.of('chat').length;
        await frame.fill('.composer textarea', question);
        await frame.press('.composer textarea', 'Enter');
        const { pid } = await session.trace.next('chat', undefined, { skip });
        await frame.waitForSelector('.answer:last-child:not(.streaming) footer .facts');
        return pid;
      };
      const chatPid = await ask('Who are you?');
      await workbench.screenshot('models-chat-light');
      await workbench.openFile(editedFile);
      await workbench.press('Control+End');
      const skip = session.trace.of('completion').length;
      await workbench.type('export function greetAll(');
      const { pid: mainPid } = await session.trace.next('completion', undefined, { skip });
      expect(mainPid).not.toBe(chatPid);

      await openList(workbench, 'Warmfork: Choose Chat Model');
      await choose(workbench, 'The model that completes');
      await session.trace.next('engine', ({ pid, state }) => pid === chatPid && state === 'closed');
      expect(await ask('And now?')).toBe(mainPid);
    });
    await session.untilIdle();
  });
});
