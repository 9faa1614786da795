import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installPackage } from '../../scripts/codeServer/server.ts';
import { makeExtension } from './harness/extension.ts';
import { Session } from './harness/session.ts';
import { until } from './harness/until.ts';
import { editedFile } from './harness/workspace.ts';

/** Other shapes of a workspace than one folder on this machine. */
describe('a workspace', () => {
  let session: Session;
  beforeAll(async () => {
    session = await Session.start({ name: 'workspaces' });
  });
  afterAll(() => session.stop());

  it('with two folders has both in its context', async () => {
    makeSecondFolder(join(session.folder, 'invoices'));
    const workspace = workspaceFile('both', [{ path: 'workspace' }, { path: 'invoices' }]);
    await session.window(
      'two-folders',
      async (workbench) => {
        await session.trace.next('base');
        await workbench.command('Warmfork: Show Project Context');
        await until('both folders in the project context', async () => {
          const text = await workbench.editorText();
          return text.includes('workspace/src/') && text.includes('invoices/src/invoice.ts');
        });
        await workbench.openFile('invoice.ts');
        await workbench.press('Control+End');
        await workbench.type('export function total(');
        expect(await workbench.ghostText()).not.toBe('');
        await workbench.save();
      },
      { workspace },
    );
    await session.untilIdle();
  });

  it('on another file system is completed, without a project context', async () => {
    const extension = await makeExtension(join(session.folder, 'memory-files'), memoryFiles);
    await installPackage(join(session.folder, 'profile'), extension);
    const seen = session.trace.of('base').length;
    const workspace = workspaceFile('virtual', []);
    await session.window(
      'virtual',
      async (workbench) => {
        await workbench.untilStatus(/Warmfork.*stand-in/);
        // The extension above adds its folder to the empty workspace, which starts the extension host anew.
        const file = workbench.page.locator('.explorer-folders-view .monaco-list-row');
        await file.filter({ hasText: 'virtual.ts' }).dblclick();
        await workbench.focusEditor();
        await workbench.press('Control+End');
        await workbench.type('export function total(');
        expect(await workbench.ghostText()).not.toBe('');
        const completion = await session.trace.next('completion', ({ uri }) =>
          uri.startsWith('memfs:'),
        );
        expect(completion.text).not.toBe('');
        // Nothing was read: the base, if there is one, is empty but for its frame.
        for (const base of session.trace.of('base').slice(seen))
          expect(base.tokens).toBeLessThan(32);
        expect(await workbench.notifications()).toEqual([]);
      },
      { workspace },
    );
  });

  function workspaceFile(name: string, folders: readonly object[]): string {
    const file = join(session.folder, `${name}.code-workspace`);
    writeFileSync(file, JSON.stringify({ folders }));
    return file;
  }

  function makeSecondFolder(folder: string): void {
    mkdirSync(join(folder, 'src'), { recursive: true });
    writeFileSync(
      join(folder, 'src', 'invoice.ts'),
      'export interface Invoice {\n  readonly cents: number;\n}\n',
    );
    cpSync(join(session.workspace, editedFile), join(folder, 'src', 'greeting.ts'));
  }
});

/** An extension whose files exist only in its memory. */
const memoryFiles = {
  manifest: { name: 'memory-files', activationEvents: ['onFileSystem:memfs', 'onStartupFinished'] },
  main: `
const vscode = require('vscode');
const files = new Map([['/project/virtual.ts', Buffer.from('export interface Item {\\n  readonly cents: number;\\n}\\n')]]);
const names = [['virtual.ts', vscode.FileType.File]];
const stat = (path) => {
  const bytes = files.get(path);
  if (bytes) return { type: vscode.FileType.File, ctime: 0, mtime: 0, size: bytes.length };
  if (path === '/' || path === '/project') return { type: vscode.FileType.Directory, ctime: 0, mtime: 0, size: 0 };
  throw vscode.FileSystemError.FileNotFound(path);
};
exports.activate = ({ subscriptions }) => {
  const emitter = new vscode.EventEmitter();
  subscriptions.push(vscode.workspace.registerFileSystemProvider('memfs', {
    onDidChangeFile: emitter.event,
    watch: () => ({ dispose() {} }),
    stat: ({ path }) => stat(path),
    readDirectory: ({ path }) => (path === '/project' ? names : [['project', vscode.FileType.Directory]]),
    readFile: ({ path }) => { stat(path); return files.get(path); },
    writeFile: ({ path }, bytes) => { files.set(path, bytes); },
    createDirectory() {}, delete() {}, rename() {},
  }));
  const project = { uri: vscode.Uri.parse('memfs:/project'), name: 'project' };
  if (!vscode.workspace.workspaceFolders?.length) vscode.workspace.updateWorkspaceFolders(0, 0, project);
};
`,
};
