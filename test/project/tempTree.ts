import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

import { nodeProjectFiles } from '../../src/project/nodeProjectFiles.ts';
import type { ProjectContext } from '../../src/project/projectContext.ts';
import { collectProjectContext } from '../../src/project/projectContext.ts';
import type { ProjectFiles } from '../../src/project/projectFiles.ts';

/** Files by path; a path that ends in a slash is an empty folder. */
export type Tree = Readonly<Record<string, string | Uint8Array>>;

/** A real folder with these files, removed when the test is over. */
export async function tempTree(tree: Tree): Promise<string> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'warmfork-project-')));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  await addFiles(root, tree);
  return root;
}

export async function addFiles(root: string, tree: Tree): Promise<void> {
  for (const [path, content] of Object.entries(tree)) {
    const absolute = join(root, path);
    await mkdir(path.endsWith('/') ? absolute : dirname(absolute), { recursive: true });
    if (!path.endsWith('/')) await writeFile(absolute, content);
  }
}

export function oneRoot(path: string): ProjectFiles {
  return nodeProjectFiles([{ name: 'app', path }]);
}

/** About what a real tokenizer makes of source code. */
export function countTokens(text: string): number {
  return Math.ceil(text.length / 3.5);
}

export interface CollectOverrides {
  readonly filesExclude?: readonly string[];
  readonly budgetTokens?: number;
  readonly signal?: AbortSignal;
  readonly workedOn?: readonly string[];
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  readonly trusted?: boolean;
}

export function collect(
  files: ProjectFiles,
  overrides: CollectOverrides = {},
): Promise<ProjectContext> {
  return collectProjectContext(files, {
    repoName: 'app',
    filesExclude: [],
    countTokens,
    budgetTokens: 100_000,
    ...overrides,
  });
}
