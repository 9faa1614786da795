import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { lstatIfPresent } from './files.ts';
import { derivedPaths, manifestPath, workspaceDirectoryName } from './sessionName.ts';

/**
 * The cells of the base that served this workspace last, under whatever fingerprint: what will most likely be wanted
 * before it is known which fingerprint this start has. A hint only; nothing is checked.
 */
export async function likelyImage(root: string, workspace: string): Promise<string | undefined> {
  const candidates: { readonly cells: string; readonly usedAt: number }[] = [];
  for (const fingerprint of await list(root)) {
    const directory = join(root, fingerprint.name, workspaceDirectoryName(workspace));
    for (const { name } of await list(directory)) {
      if (!/^base-.*\.session$/.test(name)) continue;
      const { cells } = derivedPaths(join(directory, name));
      const manifest = await lstatIfPresent(manifestPath(join(directory, name)));
      if (manifest === undefined || (await lstatIfPresent(cells)) === undefined) continue;
      candidates.push({ cells, usedAt: manifest.mtimeMs });
    }
  }
  return candidates.sort((a, b) => b.usedAt - a.usedAt)[0]?.cells;
}

async function list(directory: string): Promise<readonly Dirent[]> {
  return readdir(directory, { withFileTypes: true }).catch(() => []);
}
