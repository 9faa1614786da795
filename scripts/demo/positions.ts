/** Where the demo completes: one place in each of a few source files, the same ones every time. */
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CompletionParams } from '../../src/protocol/requests.ts';

export interface Position {
  readonly path: string;
  /** 1-based, as people count. */
  readonly line: number;
  readonly params: CompletionParams;
}

const sourceTypes = new Map([
  ['.ts', 'typescript'],
  ['.tsx', 'typescriptreact'],
  ['.js', 'javascript'],
  ['.mjs', 'javascript'],
  ['.py', 'python'],
  ['.go', 'go'],
  ['.rs', 'rust'],
  ['.java', 'java'],
  ['.cpp', 'cpp'],
  ['.c', 'c'],
  ['.cs', 'csharp'],
  ['.rb', 'ruby'],
  ['.php', 'php'],
]);
const skipped = new Set(['node_modules', 'dist', 'build', 'out', 'target', 'vendor']);

/** At most `count` places, spread over the source files of `workspace`. */
export async function demoPositions(workspace: string, count: number): Promise<Position[]> {
  const files = (await sourceFiles(workspace)).sort();
  const step = Math.max(1, Math.floor(files.length / count));
  const positions: Position[] = [];
  for (let at = 0; at < files.length && positions.length < count; at += step) {
    const position = await positionIn(workspace, files[at] ?? '');
    if (position !== undefined) positions.push(position);
  }
  return positions;
}

async function sourceFiles(directory: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    if (entry.name.startsWith('.') || skipped.has(entry.name)) continue;
    const path = join(directory, entry.name);
    if (entry.isDirectory()) found.push(...(await sourceFiles(path)));
    else if (entry.isFile() && sourceTypes.has(extname(entry.name))) found.push(path);
  }
  return found;
}

/** In the middle of the first longer line of the second half of a file. */
async function positionIn(workspace: string, file: string): Promise<Position | undefined> {
  const lines = (await readFile(file, 'utf8')).split('\n');
  const line = lines.findIndex((text, at) => at >= lines.length / 2 && text.trim().length >= 12);
  const text = lines[line];
  if (text === undefined) return undefined;
  const column = text.length - Math.floor(text.trim().length / 2);
  const path = relative(workspace, file).split(sep).join('/');
  const params: CompletionParams = {
    uri: pathToFileURL(file).href,
    path,
    languageId: sourceTypes.get(extname(file)) ?? 'plaintext',
    prefix: [...lines.slice(0, line), text.slice(0, column)].join('\n'),
    firstLine: 0,
    suffix: ['', ...lines.slice(line + 1)].join('\n'),
    maxTokens: 24,
  };
  return { path, line: line + 1, params };
}
