import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Frame, Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createContext, loadStandIn } from '../native/fixture.ts';
import { Session } from './harness/session.ts';
import { until } from './harness/until.ts';
import type { Workbench } from './harness/workbench.ts';
import { editedFile } from './harness/workspace.ts';

const themes = {
  light: 'Default Light Modern',
  dark: 'Default Dark Modern',
  contrast: 'Default High Contrast',
} as const;

/** Words that are in the workspace and in the chat, and must be in no diagnostics. */
const markers = ['zebrafish', 'marmalade', 'quokka'] as const;

/** Sessions as a person sees them. The steps build on each other in one window. */
describe('sessions in view', () => {
  let session: Session;
  beforeAll(async () => {
    const settings = { 'workbench.colorTheme': themes.light, 'warmfork.model.threads': 'many' };
    session = await Session.start({ name: 'sessions', settings, keepBase: true });
    writeFileSync(join(session.workspace, 'src/zebrafish.ts'), 'export const marmalade = 1;\n');
  });
  afterAll(() => session.stop());

  it('shows them with what they saved, acts on them, draws the context and removes everything', async () => {
    await session.window('sessions', async (workbench) => {
      await session.trace.next('base');
      await workbench.untilStatus(/Warmfork.*stand-in/);
      await saysItsState(workbench);
      await completes(workbench);
      await chats(workbench);
      await showsTheTree(workbench);
      await detachesAndVerifies(workbench);
      await exports(workbench);
      await showsTheCache(workbench);
      await discards(workbench);
      await copiesDiagnostics(workbench);
      await removesEverything(workbench);
    });
  }, 400_000); // much to do, on a machine that may be busy

  /** To a screen reader, and to who points at it: with what is wrong with a setting, and with links. */
  async function saysItsState(workbench: Workbench): Promise<void> {
    const item = workbench.page.locator('.statusbar-item[id$="warmfork.status"] a');
    const label = await item.getAttribute('aria-label');
    expect(label).toMatch(/Warmfork: ready\. Stand-in model: its text has no meaning\./);
    expect(label).toContain('The setting warmfork.model.threads is not used');
    await item.hover();
    const hover = workbench.page.locator('.workbench-hover', { hasText: 'Warmfork: ready' });
    await hover.waitFor();
    expect(await hover.innerText()).toContain('The setting warmfork.model.threads is not used');
    expect(await hover.locator('a', { hasText: 'Sessions' }).count()).toBe(1);
    await workbench.screenshot('status-hover');
    await workbench.page.mouse.move(640, 300);
  }

  async function completes(workbench: Workbench): Promise<void> {
    await workbench.openFile('src/zebrafish.ts');
    await workbench.press('Control+End');
    await workbench.type('export const quokka = ');
    await session.trace.next('completion', ({ uri }) => uri.endsWith('zebrafish.ts'));
    await workbench.save();
    await workbench.openFile(editedFile);
    await workbench.press('Control+End');
    await workbench.type('export function greetAll(');
    await workbench.ghostText();
    await workbench.press('Escape');
    await workbench.save();
    await session.trace.next('session', ({ action, id }) => action === 'saved' && /greet/.test(id));
  }

  async function chats(workbench: Workbench): Promise<void> {
    await workbench.command('Warmfork: Open Chat');
    const frame = await workbench.frameWith('.composer textarea');
    await frame.fill('.composer textarea', 'Where is marmalade?');
    await frame.press('.composer textarea', 'Enter');
    await session.trace.next(
      'session',
      ({ kind, action }) => kind === 'chat' && action === 'saved',
    );
  }

  async function showsTheTree(workbench: Workbench): Promise<void> {
    await workbench.command('Warmfork: Show Sessions');
    // Room for all rows: those that cannot be seen are not drawn.
    await workbench.page.locator('.pane-header', { hasText: 'Chat' }).click();
    await row(workbench, 'Project context').waitFor();
    for (const name of ['greeting.ts', 'zebrafish.ts', 'Where is marmalade?'])
      await row(workbench, name).waitFor();
    const before = await row(workbench, 'greeting.ts').innerText();
    expect(before).toMatch(/[\d,]+ tokens · [\d.]+ [KM]B · in memory/);
    const label = await row(workbench, 'greeting.ts').getAttribute('aria-label');
    expect(label).toMatch(/greeting\.ts, Tokens: .*Hits since the engine started: \d+.*File: /s);
    await shots(workbench, 'sessions');

    // Nobody touches the tree: what the engine tells is enough.
    const hitsOf = async () =>
      Number(/started: (\d+)/.exec((await rowLabel(workbench, 'greeting.ts')) ?? '')?.[1]);
    const hits = await hitsOf();
    await workbench.focusEditor();
    await workbench.press('Control+End');
    await workbench.type('n');
    await until('more hits in the tree', async () => (await hitsOf()) > hits);
  }

  async function detachesAndVerifies(workbench: Workbench): Promise<void> {
    await choose(workbench, 'greeting.ts', 'Detach Session');
    await until('the session on disk', async () =>
      /on disk/.test(await row(workbench, 'greeting.ts').innerText()),
    );
    await choose(workbench, 'greeting.ts', 'Verify Session');
    await notification(workbench, 'The session file is in order');
  }

  /** What is exported is loaded by llama.cpp's own call, into a context of the same model. */
  async function exports(workbench: Workbench): Promise<void> {
    const path = join(session.folder, 'home', 'exported.session');
    await choose(workbench, 'greeting.ts', 'Export Session for llama.cpp…');
    const input = workbench.page.locator('.quick-input-widget:visible input').first();
    await until('the dialog', async () => /exported|warmfork-file/.test(await input.inputValue()));
    await input.fill(path);
    await until('the dialog to take the path', async () => {
      await workbench.press('Enter');
      return input.waitFor({ state: 'hidden', timeout: 1000 }).then(
        () => true,
        () => false,
      );
    });
    await notification(workbench, 'llama_state_seq_load_file');
    const model = await loadStandIn();
    const context = await createContext(model, { nCtx: 8192, nSeqMax: 32 });
    try {
      const tokens = await context.loadSequenceFile(path, 0);
      const [base] = session.trace.of('base');
      expect(tokens.length).toBeGreaterThan(base?.tokens ?? Infinity);
    } finally {
      await context.close();
      await model.close();
    }
  }

  async function showsTheCache(workbench: Workbench): Promise<void> {
    await workbench.command('Warmfork: Show Cache');
    const frame = await workbench.frameWith('.strip');
    const spans = await spansOf(frame);
    expect(spans.map(({ kind }) => kind)).toEqual(['base', 'file', 'file', 'chat', 'free']);
    const widths = spans.map(({ width }) => width);
    expect(Math.min(...widths)).toBeGreaterThan(1);
    expect(new Set(spans.map(({ colour }) => colour)).size).toBe(5);
    expect(await frame.locator('.strip').getAttribute('aria-label')).toMatch(
      /^Cells of the context: [\d,]+\. Base session: .*greeting\.ts: .*Free: /,
    );
    const text = await frame.locator('body').innerText();
    for (const words of [
      'src/greeting.ts',
      'Where is marmalade?',
      'Chat history',
      'Private memory',
    ])
      expect(text).toContain(words);
    // Every file of the cache is named.
    const files = filesIn(session.storage).filter((path) => path.endsWith('.session'));
    for (const path of files) expect(text).toContain(path);
    await shots(workbench, 'cache');
    await frame.getByRole('button', { name: 'src/greeting.ts' }).click();
    await workbench.page.waitForSelector('.tab.active:has-text("greeting.ts")');
  }

  async function discards(workbench: Workbench): Promise<void> {
    await workbench.command('Warmfork: Save All Sessions');
    const path = await until('the file of the session', async () => {
      const label = (await rowLabel(workbench, 'zebrafish.ts')) ?? '';
      return /File: (.*)$/s.exec(label)?.[1];
    });
    expect(existsSync(path)).toBe(true);
    await choose(workbench, 'zebrafish.ts', 'Discard Session');
    await row(workbench, 'zebrafish.ts').waitFor({ state: 'detached' });
    expect(existsSync(path)).toBe(false);
    expect(existsSync(`${path}.json`)).toBe(false);
  }

  async function copiesDiagnostics(workbench: Workbench): Promise<void> {
    await workbench.command('Warmfork: Copy Diagnostics');
    const text = await until('the diagnostics', async () => {
      const copied = await workbench.clipboard();
      return copied?.startsWith('# Warmfork diagnostics') === true && copied;
    });
    for (const fact of [
      /llama\.cpp v/,
      /library for cpu/,
      /processors/,
      /decodeCalls: /,
      /file: 1/,
    ])
      expect(text).toMatch(fact);
    // The wrong setting is named, its value is not what anybody else should read.
    expect(text).toContain('The setting warmfork.model.threads is not used: "…" does not fit');
    for (const secret of [...markers, 'greeting', 'greetAll', session.workspace])
      expect(text).not.toContain(secret);

    await workbench.command('Warmfork: Report Problem');
    await workbench.page.waitForSelector('.tab.active:has-text("Untitled")');
    await until('the report', async () => {
      const lines = await workbench.page
        .locator('.editor-group-container.active .monaco-editor .view-lines')
        .innerText();
      return lines.replaceAll('\u00a0', ' ').includes('Problem report for Warmfork');
    });
  }

  async function removesEverything(workbench: Workbench): Promise<void> {
    await workbench.command('Warmfork: Show Cache');
    const frame = await workbench.frameWith('.strip');
    await frame.getByRole('button', { name: 'Remove Everything' }).click();
    await workbench.page
      .locator('.monaco-dialog-box .monaco-button', { hasText: 'Remove' })
      .click();
    await notification(workbench, 'Everything was removed');
    expect(filesIn(session.storage).filter((path) => /\.(session|cells|meta)/.test(path))).toEqual(
      [],
    );
    expect(existsSync(join(session.folder, 'projects'))).toBe(false);
    await until('an empty ledger', async () => {
      const text = await frame.locator('body').innerText();
      return !text.includes('.session') && text.includes('Chat history');
    });
  }

  /** In all three kinds of themes. */
  async function shots(workbench: Workbench, name: string): Promise<void> {
    const folder = join(session.workspace, '.vscode');
    mkdirSync(folder, { recursive: true });
    const classes = { light: 'vs', dark: 'vs-dark', contrast: 'hc-black' };
    for (const kind of ['dark', 'contrast', 'light'] as const) {
      const settings = { 'workbench.colorTheme': themes[kind] };
      writeFileSync(join(folder, 'settings.json'), JSON.stringify(settings));
      await workbench.page.waitForSelector(`.monaco-workbench.${classes[kind]}`);
      await workbench.screenshot(`${name}-${kind}`);
    }
  }
});

function row(workbench: Workbench, name: string): Locator {
  return workbench.page.locator('.pane-body .monaco-list-row', { hasText: name }).filter({
    hasText: 'tokens',
  });
}

function rowLabel(workbench: Workbench, name: string): Promise<string | null> {
  return row(workbench, name).first().getAttribute('aria-label');
}

/** From the menu that a right click opens. */
async function choose(workbench: Workbench, name: string, title: string): Promise<void> {
  await row(workbench, name).click({ button: 'right' });
  const entry = workbench.page.locator('.monaco-menu .action-label', { hasText: title });
  await entry.waitFor();
  // A menu that has just opened takes no click.
  await until(`the menu to take "${title}"`, async () => {
    await entry.click({ timeout: 1000 }).catch(() => undefined);
    return entry.waitFor({ state: 'hidden', timeout: 500 }).then(
      () => true,
      () => false,
    );
  });
}

async function notification(workbench: Workbench, text: string): Promise<void> {
  await until(`a message "${text}"`, async () =>
    (await workbench.notifications()).some((message) => message.includes(text)),
  );
  await workbench.command('Notifications: Clear All Notifications');
}

interface DrawnSpan {
  readonly kind: string;
  readonly width: number;
  readonly colour: string;
}

function spansOf(frame: Frame): Promise<DrawnSpan[]> {
  // Runs in the page, whose types are not ours.
  return frame.evaluate(`[...document.querySelectorAll('.strip .span')].map((span) => ({
    kind: span.classList[1],
    width: span.getBoundingClientRect().width,
    colour: getComputedStyle(span).background,
  }))`);
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}
