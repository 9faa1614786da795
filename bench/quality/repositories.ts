/** Real code that is on this machine anyway: this repository, installed packages with sources, Python's library. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { inRoot } from '../../scripts/lib/paths.ts';
import { sourceFiles, type SourceFile } from '../lib/sourceFiles.ts';

export interface Repository {
  readonly name: string;
  readonly root: string;
  readonly files: readonly SourceFile[];
}

interface Place {
  readonly name: string;
  readonly root: string | undefined;
  readonly languages: readonly string[];
}

/** Fewer source files are no project. */
const leastFiles = 3;

export const repositoryNames = ['warmfork', 'warmfork-native', 'zod', 'msal', 'asyncio', 'json'];

/** Those of `names` that are here. */
export async function repositories(names: readonly string[]): Promise<Repository[]> {
  const found: Repository[] = [];
  for (const { name, root, languages } of places()) {
    if (!names.includes(name) || root === undefined || !existsSync(root)) continue;
    const files = (await sourceFiles(root)).filter(({ languageId }) =>
      languages.includes(languageId),
    );
    if (files.length >= leastFiles) found.push({ name, root, files });
  }
  return found;
}

function places(): Place[] {
  const python = pythonLibrary();
  return [
    { name: 'warmfork', root: inRoot(), languages: ['typescript'] },
    { name: 'warmfork-native', root: inRoot('native'), languages: ['cpp'] },
    { name: 'zod', root: inRoot('node_modules/zod/src'), languages: ['typescript'] },
    {
      name: 'msal',
      root: inRoot('node_modules/@azure/msal-common/src'),
      languages: ['typescript'],
    },
    { name: 'asyncio', root: python && join(python, 'asyncio'), languages: ['python'] },
    { name: 'json', root: python && join(python, 'json'), languages: ['python'] },
  ];
}

function pythonLibrary(): string | undefined {
  const program = 'import sysconfig; print(sysconfig.get_path("stdlib"))';
  try {
    return execFileSync('python3', ['-c', program], { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return undefined;
  }
}
