import { lstatSync, readdirSync, realpathSync, type Dirent } from 'node:fs';
import { constants, open, realpath, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { byCodeUnits } from './codeUnitOrder.ts';
import { ProjectError } from './projectError.ts';
import type { DirectoryEntry, EntryKind, ProjectFiles } from './projectFiles.ts';

/** A folder of the workspace: the name people see, and its absolute path. */
export interface ProjectFolder {
  readonly name: string;
  readonly path: string;
}

/**
 * The project's files over node:fs.
 *
 * Symbolic links below a folder are not followed at all, so nothing outside it can be read; the
 * folder itself may be reached through a link. Roots are sorted by name, and names that collide
 * get a number. A folder that is not there rejects with `PROJECT_FOLDER_MISSING` when it is used.
 */
export function nodeProjectFiles(folders: readonly ProjectFolder[]): ProjectFiles {
  return new NodeProjectFiles(withUniqueNames(folders));
}

class NodeProjectFiles implements ProjectFiles {
  readonly roots: readonly ProjectFolder[];
  readonly #realRoots = new Map<string, Promise<string>>();
  #nListed = 0;

  constructor(roots: readonly ProjectFolder[]) {
    this.roots = roots;
  }

  async list(dir: string): Promise<readonly DirectoryEntry[]> {
    if (dir === '' && this.roots.length !== 1) {
      return this.roots.map((root) => ({ name: root.name, kind: 'directory' }));
    }
    const absolute = await this.#resolve(dir);
    // Not by libuv's threads: handing thousands of folders to and fro takes several times as long as listing them, and the
    // thread that walks has nothing else to do than to hear that it shall stop.
    if (++this.#nListed % LISTED_IN_A_TURN === 0) await nextTurn();
    if (realpathSync.native(absolute) !== absolute) throw outside(dir);
    const entries = readdirSync(absolute, { withFileTypes: true });
    return entries.map((entry) => ({ name: entry.name, kind: kindOf(entry) }));
  }

  async read(path: string, maxBytes: number): Promise<Uint8Array | undefined> {
    const absolute = await this.#resolve(path);
    try {
      // A link anywhere on the way shows as another real path.
      if ((await realpath(absolute)) !== absolute) return undefined;
      return await readStart(absolute, maxBytes);
    } catch {
      // Gone, locked or forbidden: the caller reports the file as unreadable.
      return undefined;
    }
  }

  async stamp(path: string): Promise<string | undefined> {
    const options = { bigint: true, throwIfNoEntry: false } as const;
    const facts = lstatSync(await this.#resolve(path), options);
    if (facts === undefined || !facts.isFile()) return undefined;
    const { ino, size, mtimeMs, mtimeNs, ctimeMs, ctimeNs } = facts;
    const changedMs = Number(mtimeMs > ctimeMs ? mtimeMs : ctimeMs);
    if (Date.now() - changedMs < SETTLED_MS) return undefined;
    return [ino, size, mtimeNs, ctimeNs].map((one) => one.toString(36)).join('-');
  }

  async #resolve(path: string): Promise<string> {
    const parts = path === '' ? [] : path.split('/');
    if (parts.some((part) => part === '' || part === '.' || part === '..' || part.includes('\0'))) {
      throw new ProjectError('PROJECT_PATH_INVALID', `Not a path inside the workspace: ${path}`);
    }
    const root = this.roots.length === 1 ? this.roots[0] : this.#rootNamed(parts.shift());
    if (root === undefined) throw outside(path);
    return join(await this.#realRoot(root), ...parts);
  }

  #rootNamed(name: string | undefined): ProjectFolder | undefined {
    return this.roots.find((root) => root.name === name);
  }

  #realRoot(root: ProjectFolder): Promise<string> {
    let real = this.#realRoots.get(root.name);
    if (real === undefined) {
      real = realpath(root.path).catch((cause: unknown) => {
        this.#realRoots.delete(root.name);
        throw missingFolder(root, cause);
      });
      this.#realRoots.set(root.name, real);
    }
    return real;
  }
}

/** Folders that are listed before others on this thread have their turn. */
const LISTED_IN_A_TURN = 32;

/** Times of files are coarse, to 2 s on some file systems: what was just written may be written again within the same one. */
const SETTLED_MS = 3_000;

async function readStart(absolute: string, maxBytes: number): Promise<Uint8Array | undefined> {
  // Windows has neither flag; without O_NONBLOCK, opening a pipe would wait for a writer.
  const extra = process.platform === 'win32' ? 0 : constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const handle = await open(absolute, constants.O_RDONLY | extra);
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) return undefined;
    return await readUpTo(handle, Math.min(maxBytes, stat.size));
  } finally {
    await handle.close();
  }
}

async function readUpTo(handle: FileHandle, nBytes: number): Promise<Uint8Array> {
  const buffer = new Uint8Array(nBytes);
  let nRead = 0;
  while (nRead < nBytes) {
    const { bytesRead } = await handle.read(buffer, nRead, nBytes - nRead, nRead);
    if (bytesRead === 0) break;
    nRead += bytesRead;
  }
  return buffer.subarray(0, nRead);
}

function kindOf(entry: Dirent): EntryKind {
  if (entry.isSymbolicLink()) return 'symlink';
  if (entry.isDirectory()) return 'directory';
  return entry.isFile() ? 'file' : 'other';
}

function withUniqueNames(folders: readonly ProjectFolder[]): readonly ProjectFolder[] {
  const taken = new Set<string>();
  const sorted = [...folders].sort(
    (left, right) => byCodeUnits(left.name, right.name) || byCodeUnits(left.path, right.path),
  );
  return sorted.map((folder) => {
    const name = uniqueName(cleanName(folder.name), taken);
    taken.add(name);
    return { name, path: folder.path };
  });
}

function cleanName(name: string): string {
  const clean = name.replace(/[\p{Cc}/\\]/gu, '-');
  return clean === '' || clean === '.' || clean === '..' ? 'folder' : clean;
}

function uniqueName(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name;
  for (let n = 2; ; n++) {
    const numbered = `${name}-${String(n)}`;
    if (!taken.has(numbered)) return numbered;
  }
}

function outside(path: string): ProjectError {
  return new ProjectError('PROJECT_PATH_INVALID', `Not inside the workspace: ${path}`);
}

function missingFolder(root: ProjectFolder, cause: unknown): ProjectError {
  const message = `The workspace folder "${root.name}" cannot be opened: ${root.path}`;
  return new ProjectError('PROJECT_FOLDER_MISSING', message, { cause });
}
