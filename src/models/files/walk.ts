import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';

interface WalkLimits {
  readonly depth: number;
  /** Files and folders looked at in all. */
  readonly entries: number;
}

const defaultLimits: WalkLimits = { depth: 6, entries: 20_000 };

/** Files under a folder, links followed, no folder twice. What cannot be read is left out. */
export async function* walkFiles(folder: string, limits = defaultLimits): AsyncGenerator<string> {
  const seen = new Set<string>();
  let left = limits.entries;
  const pending = [{ folder, depth: 0 }];
  for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
    const real = await realpath(next.folder).catch(() => undefined);
    if (real === undefined || seen.has(real)) continue;
    seen.add(real);
    for (const entry of await entriesOf(next.folder)) {
      if (left-- <= 0) return;
      const path = join(next.folder, entry.name);
      const kind = await kindOf(path, entry);
      if (kind === 'file') yield path;
      if (kind === 'folder' && next.depth < limits.depth) {
        pending.push({ folder: path, depth: next.depth + 1 });
      }
    }
  }
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function kindOf(path: string, entry: Dirent): Promise<'file' | 'folder' | 'other'> {
  const about = entry.isSymbolicLink() ? await stat(path).catch(() => undefined) : entry;
  if (about?.isFile()) return 'file';
  return about?.isDirectory() ? 'folder' : 'other';
}
