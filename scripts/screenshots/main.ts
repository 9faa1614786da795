/**
 * `npm run screenshots`: the pictures of the README (media/screenshots, light and dark) and the same in high contrast
 * (test-results/screenshots), from the packaged extension in a real workbench with the stand-in model.
 */
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { inRoot } from '../lib/paths.ts';
import { ensurePackage } from '../package/package.ts';
import { Session } from '../../test/ui/harness/session.ts';
import { until } from '../../test/ui/harness/until.ts';
import type { Workbench } from '../../test/ui/harness/workbench.ts';
import { makeProject, shownFile } from './project.ts';

interface Theme {
  readonly name: string;
  /** Of the workbench's element. */
  readonly cssClass: string;
  /** What webviews call it. */
  readonly webview: string;
  readonly folder: string;
}

const readme = inRoot('media', 'screenshots');
const aside = inRoot('test-results', 'screenshots');

const themes: Readonly<Record<string, Theme>> = {
  contrast: {
    name: 'Default High Contrast',
    cssClass: 'hc-black',
    webview: 'vscode-high-contrast',
    folder: aside,
  },
  dark: {
    name: 'Default Dark Modern',
    cssClass: 'vs-dark',
    webview: 'vscode-dark',
    folder: readme,
  },
  light: { name: 'Default Light Modern', cssClass: 'vs', webview: 'vscode-light', folder: readme },
};

const largestBytes = 200_000;

process.env['WARMFORK_IDLE_MS'] = '200';
await ensurePackage();
for (const folder of [readme, aside]) mkdirSync(folder, { recursive: true });
const session = await Session.start({
  name: 'screenshots',
  settings: {
    'workbench.colorTheme': themes['light']!.name,
    'editor.minimap.enabled': false,
    'files.exclude': { '**/.vscode': true },
    'editor.fontSize': 14,
    'warmfork.chat.maxAnswerTokens': 60,
  },
  prepare: makeProject,
});
try {
  await session.window('screenshots', takeAll);
} finally {
  await session.stop();
}

async function takeAll(workbench: Workbench): Promise<void> {
  await workbench.page.setViewportSize({ width: 1120, height: 640 });
  await session.trace.next('base');
  await workbench.untilStatus(/Warmfork.*stand-in/);
  await ghostText(workbench);
  await chat(workbench);
  await tooltip(workbench);
  await sessions(workbench);
  await projectContext(workbench);
  await walkthrough(workbench);
}

async function ghostText(workbench: Workbench): Promise<void> {
  await workbench.openFile(shownFile);
  await workbench.press('Control+End');
  await workbench.type('export const byEmail = ');
  await workbench.ghostText();
  await inAllThemes(workbench, 'ghost-text');
  // What stays in the other pictures should be right, whatever the stand-in model made of it.
  await workbench.press('Escape');
  await workbench.type('new Map<string, User>();');
  await workbench.press('Escape');
  await workbench.save();
}

async function chat(workbench: Workbench): Promise<void> {
  await workbench.command('Warmfork: Open Chat');
  const frame = await workbench.frameWith('.composer textarea');
  await frame.fill(
    '.composer textarea',
    'What does get of Cache return for a key that is not there?',
  );
  await frame.press('.composer textarea', 'Enter');
  await session.trace.next('session', ({ kind, action }) => kind === 'chat' && action === 'saved');
  await inAllThemes(workbench, 'chat');
}

async function tooltip(workbench: Workbench): Promise<void> {
  const item = workbench.page.locator('.statusbar-item', { hasText: 'Warmfork' }).first();
  await item.hover();
  await workbench.page.locator('.monaco-hover:visible').first().waitFor();
  await inAllThemes(workbench, 'status');
  await workbench.page.mouse.move(560, 200);
}

async function sessions(workbench: Workbench): Promise<void> {
  await workbench.command('Warmfork: Show Sessions');
  await workbench.page.locator('.pane-header', { hasText: 'Chat' }).click();
  const rows = workbench.page.locator('.pane-body .monaco-list-row');
  await rows.filter({ hasText: 'users.ts' }).waitFor();
  await inAllThemes(workbench, 'sessions');
}

async function projectContext(workbench: Workbench): Promise<void> {
  await workbench.command('Warmfork: Show Project Context');
  await until('the project context', async () => {
    return /tokens in \d+ item/u.test(await workbench.editorText());
  });
  await inAllThemes(workbench, 'project-context');
}

async function walkthrough(workbench: Workbench): Promise<void> {
  await workbench.command('Warmfork: Open Walkthrough');
  await workbench.page.locator('.gettingStartedContainer .step-list-container').waitFor();
  await inAllThemes(workbench, 'walkthrough');
}

/** Light comes last, so that the next surface begins in it. */
async function inAllThemes(workbench: Workbench, name: string): Promise<void> {
  for (const [kind, theme] of Object.entries(themes)) {
    setTheme(theme);
    await workbench.page.waitForSelector(`.monaco-workbench.${theme.cssClass}`);
    await until('the theme in the webviews', () => webviewsHave(workbench, theme));
    const path = join(theme.folder, `${name}-${kind}.png`);
    rmSync(path, { force: true });
    await workbench.page.screenshot({ path, animations: 'disabled', caret: 'hide' });
    const { size } = statSync(path);
    if (size > largestBytes)
      throw new Error(`${path} has ${size} bytes, more than ${largestBytes}`);
    console.log(`${path}  ${Math.round(size / 1000)} KB`);
  }
}

/** Their pages are told of a theme after the workbench. */
async function webviewsHave(workbench: Workbench, { webview }: Theme): Promise<boolean> {
  for (const frame of workbench.page.frames()) {
    const kind = await frame
      .evaluate('document.body?.dataset.vscodeThemeKind')
      .catch(() => undefined);
    if (typeof kind === 'string' && kind !== webview) return false;
  }
  return true;
}

/** By the settings of the folder: they are watched most closely. */
function setTheme({ name }: Theme): void {
  const folder = join(session.workspace, '.vscode');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'settings.json'), JSON.stringify({ 'workbench.colorTheme': name }));
}
