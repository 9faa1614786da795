/** Source files below a folder, in a fixed order. */
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';

export interface SourceFile {
  /** POSIX path below the folder. */
  readonly path: string;
  readonly languageId: string;
  /** With `\n` line ends. */
  readonly text: string;
}

export const languageIds: ReadonlyMap<string, string> = new Map([
  ['.ts', 'typescript'],
  ['.tsx', 'typescriptreact'],
  ['.py', 'python'],
  ['.h', 'cpp'],
  ['.hpp', 'cpp'],
  ['.cpp', 'cpp'],
]);

const skipped = new Set(['node_modules', 'dist', 'build', 'test-results', '__pycache__']);
/** Larger ones are mostly generated. */
const maxChars = 200_000;

/** Files in a language of `languageIds`; declaration files are left out. */
export async function sourceFiles(root: string): Promise<SourceFile[]> {
  const files: SourceFile[] = [];
  for (const path of await walk(root, '')) {
    const languageId = languageIds.get(extname(path));
    if (languageId === undefined || /\.d\.[cm]?ts$/.test(path)) continue;
    const text = (await readFile(join(root, path), 'utf8')).replaceAll('\r\n', '\n');
    if (text.length <= maxChars) files.push({ path, languageId, text });
  }
  return files;
}

async function walk(root: string, folder: string): Promise<string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries.sort((left, right) => (left.name < right.name ? -1 : 1))) {
    if (entry.name.startsWith('.') || skipped.has(entry.name)) continue;
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) found.push(...(await walk(root, path)));
    else if (entry.isFile()) found.push(path);
  }
  return found;
}
