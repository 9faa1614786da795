import { realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { CommandFailure } from './commandTypes.ts';

const storage = join('User', 'globalStorage', 'warmfork.warmfork', 'sessions');

/** The cache directory: the one given, else `WARMFORK_STORAGE`, else the first that an editor of this user has. */
export async function findRoot(given: string | undefined, directory: string): Promise<string> {
  const named = given ?? process.env['WARMFORK_STORAGE'];
  if (named !== undefined) {
    const root = resolve(directory, named);
    if (!(await isDirectory(root))) throw new CommandFailure(`There is no directory ${root}.`);
    return realpath(root);
  }
  for (const root of candidates()) if (await isDirectory(root)) return realpath(root);
  throw new CommandFailure(
    `No editor on this machine has Warmfork sessions; name their directory with --root. Looked in:\n${candidates().join('\n')}`,
  );
}

function candidates(): readonly string[] {
  const home = homedir();
  const products = ['Code', 'Code - Insiders', 'VSCodium', 'Cursor'];
  const settings = {
    darwin: join(home, 'Library', 'Application Support'),
    win32: process.env['APPDATA'] ?? join(home, 'AppData', 'Roaming'),
  }[process.platform as string];
  const editors = products.map((name) => join(settings ?? join(home, '.config'), name));
  const servers = [
    ...['.vscode-server', '.vscode-server-insiders', '.vscode-remote'].map((name) =>
      join(home, name, 'data'),
    ),
    join(home, '.local', 'share', 'code-server'),
  ];
  return [...editors, ...servers].map((path) => join(path, storage));
}

async function isDirectory(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}
