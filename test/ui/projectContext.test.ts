import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inRoot } from '../../scripts/lib/paths.ts';
import type { Traced } from './harness/engineTrace.ts';
import { Session } from './harness/session.ts';
import { until } from './harness/until.ts';
import type { Workbench } from './harness/workbench.ts';

/** The base follows what happens in the workspace, and is found again. The steps build on each other in one window. */
describe('a workspace whose files change', () => {
  let session: Session;

  beforeAll(async () => {
    // A moment without typing is enough, however busy the machine is.
    process.env['WARMFORK_IDLE_MS'] = '200';
    session = await Session.start({ name: 'project-context' });
    makeBranches();
  });
  afterAll(async () => {
    delete process.env['WARMFORK_IDLE_MS'];
    await session.stop();
  });

  it('follows edits and checkouts, finds the base of a branch again, and shows what is in it', async () => {
    await session.window('project-context', async (workbench) => {
      const first = await nextBase(0);
      expect(first).toMatchObject({ source: 'evaluated' });

      // Another tool writes most files anew.
      for (const path of sources()) rewrite(path, 'function ', 'function edited');
      const edited = await nextBase(1);
      expect(edited.source).toBe('evaluated');
      expect(edited.evaluated).toBeGreaterThan(0);

      git('commit', '-qam', 'edited');
      git('checkout', '-q', 'feature');
      const feature = await nextBase(2);
      expect(feature.source).toBe('evaluated');

      // Back and forth: both are on disk, and not one token is evaluated.
      git('checkout', '-q', 'main');
      const back = await nextBase(3);
      expect(back).toMatchObject({ source: 'restored', evaluated: 0, tokens: edited.tokens });
      git('checkout', '-q', 'feature');
      const forth = await nextBase(4);
      expect(forth).toMatchObject({ source: 'restored', evaluated: 0, tokens: feature.tokens });

      await showsContext(workbench);
      await excludes(workbench);
    });
  });

  /** *Show Project Context* opens a document that says what is in and why. */
  async function showsContext(workbench: Workbench): Promise<void> {
    await workbench.command('Warmfork: Show Project Context');
    await workbench.page.waitForSelector('.tab.active:has-text("Project Context.md")');
    await until('the document of the project context', async () => {
      const text = await editorText(workbench);
      return /# Project context: workspace/u.test(text) && /tokens in \d+ items/u.test(text);
    });
    await workbench.screenshot('project-context');
  }

  /** The explorer's menu excludes a file: settings say so, and the base is another one at once. */
  async function excludes(workbench: Workbench): Promise<void> {
    const row = workbench.page.locator('.explorer-folders-view .monaco-list-row', {
      hasText: 'README.md',
    });
    await row.click({ button: 'right' });
    const entry = workbench.page.locator('.monaco-menu .action-label', {
      hasText: 'Exclude from Project Context',
    });
    await entry.waitFor();
    await workbench.screenshot('exclude-from-context');
    await entry.click();
    const settings = join(session.workspace, '.vscode', 'settings.json');
    await until('the setting', () => existsSync(settings) && /README/u.test(read(settings)));
    expect(JSON.parse(read(settings))).toEqual({ 'warmfork.context.exclude': ['/README.md'] });
    const without = await nextBase(5);
    expect(without.source).toBe('evaluated');
    await workbench.page.waitForSelector('.tab.active:has-text("README.md"), .tab.active');
    expect(await workbench.notifications()).toEqual([]);
  }

  /** The base that came into place after `skip` others. */
  function nextBase(skip: number): Promise<Traced<'base'>> {
    return session.trace.next('base', undefined, { skip });
  }

  /** `main` as the workspace is, `feature` with other sources. */
  function makeBranches(): void {
    git('init', '-q', '-b', 'main');
    git('add', '.');
    git('commit', '-qm', 'main');
    git('checkout', '-q', '-b', 'feature');
    rmSync(join(session.workspace, 'src'), { recursive: true });
    cpSync(inRoot('src/client'), join(session.workspace, 'src/client'), { recursive: true });
    git('add', '-A');
    git('commit', '-qm', 'feature');
    git('checkout', '-q', 'main');
  }

  function git(...args: readonly string[]): void {
    const who = ['-c', 'user.name=Somebody', '-c', 'user.email=somebody@example.org'];
    execFileSync('git', [...who, ...args], { cwd: session.workspace });
  }

  function sources(): readonly string[] {
    const names = readdirSync(join(session.workspace, 'src'), {
      recursive: true,
      encoding: 'utf8',
    });
    return names.filter((name) => name.endsWith('.ts')).map((name) => join('src', name));
  }

  function rewrite(path: string, from: string, to: string): void {
    const file = join(session.workspace, path);
    const text = readFileSync(file, 'utf8').replaceAll(from, to).replaceAll('readonly ', '');
    writeFileSync(file, text);
  }
});

function read(path: string): string {
  return readFileSync(path, 'utf8');
}

async function editorText(workbench: Workbench): Promise<string> {
  const text = await workbench.page
    .locator('.editor-group-container.active .monaco-editor .view-lines')
    .innerText();
  return text.replaceAll('\u00a0', ' ');
}
