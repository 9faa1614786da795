import type { Dirent, Stats } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isVanished, lstatIfPresent, temporaryOwner } from './files.ts';
import { knownLibraryFile, modelIdentityFile } from './modelIdentityCache.ts';

/** A file below the cache directory, as it was when the directory was read. */
export interface StoredFile {
  readonly path: string;
  readonly stats: Stats;
}

/** One session with whatever of it exists: its file, its manifest, what is derived from it. */
export interface StoredSession {
  /** Of the session file, whether it exists or not. */
  readonly path: string;
  readonly kind: 'base' | 'file' | 'chat';
  /** Names of the directories it lies in. */
  readonly fingerprint: string;
  readonly workspaceName: string;
  session?: Stats;
  manifest?: Stats;
  readonly derived: StoredFile[];
}

/** Everything below a cache directory. */
export interface StoreScan {
  readonly sessions: readonly StoredSession[];
  /** Unfinished files of running or dead processes. */
  readonly temporaries: readonly StoredFile[];
  /** Rejected sessions kept aside. */
  readonly rejected: readonly StoredFile[];
  /** Files that are none of ours. They are reported, never touched. */
  readonly strays: readonly StoredFile[];
  /** Directories of sessions, each after those it contains. */
  readonly directories: readonly StoredFile[];
}

/** Limits a scan to one fingerprint, one workspace, one kind of session. */
export interface ScanFilter {
  readonly fingerprint?: string;
  readonly workspaceName?: string;
  readonly kind?: StoredSession['kind'];
}

/** Reads a cache directory. Files and directories that vanish meanwhile are as if they had never been. */
export async function scanStore(root: string, filter: ScanFilter = {}): Promise<StoreScan> {
  const scanner = new Scanner(filter);
  for (const entry of await list(root)) {
    if (!isHashedDirectory(entry)) {
      await scanner.addRootFile(join(root, entry.name));
    } else if (filter.fingerprint === undefined || filter.fingerprint === entry.name) {
      await scanner.addFingerprint(join(root, entry.name));
    }
  }
  return scanner.result();
}

/** Bytes a session occupies with all that belongs to it. */
export function sessionBytes(session: StoredSession): number {
  return (session.session?.size ?? 0) + (session.manifest?.size ?? 0) + derivedBytes(session);
}

/** Bytes of what is derived from a session and can be derived again. */
export function derivedBytes(session: StoredSession): number {
  return session.derived.reduce((sum, file) => sum + occupiedBytes(file), 0);
}

/** Bytes of everything in a scan that counts against the budget. */
export function scanBytes(scan: StoreScan): number {
  const files = [...scan.temporaries, ...scan.rejected];
  const loose = files.reduce((sum, file) => sum + occupiedBytes(file), 0);
  return scan.sessions.reduce((sum, session) => sum + sessionBytes(session), loose);
}

/** Images of the cells are sparse, finished or not: what they occupy is less than their length. */
function occupiedBytes({ path, stats }: StoredFile): number {
  return basename(path).includes('.cells') ? Math.min(stats.size, stats.blocks * 512) : stats.size;
}

/** What the engine keeps beside the sessions. */
const rootFiles: ReadonlySet<string> = new Set([modelIdentityFile, knownLibraryFile]);

class Scanner {
  readonly #filter: ScanFilter;
  readonly #sessions = new Map<string, StoredSession>();
  readonly #temporaries: StoredFile[] = [];
  readonly #rejected: StoredFile[] = [];
  readonly #strays: StoredFile[] = [];
  readonly #directories: StoredFile[] = [];

  constructor(filter: ScanFilter) {
    this.#filter = filter;
  }

  result(): StoreScan {
    return {
      sessions: [...this.#sessions.values()],
      temporaries: this.#temporaries,
      rejected: this.#rejected,
      strays: this.#strays,
      directories: this.#directories,
    };
  }

  async addRootFile(path: string): Promise<void> {
    const stats = await lstatIfPresent(path);
    if (stats === undefined || rootFiles.has(basename(path))) return;
    this.#addLoose({ path, stats });
  }

  async addFingerprint(path: string): Promise<void> {
    const { workspaceName } = this.#filter;
    for (const entry of await list(path)) {
      const child = join(path, entry.name);
      if (!isHashedDirectory(entry)) await this.addRootFile(child);
      else if (workspaceName === undefined || workspaceName === entry.name) {
        await this.#addWorkspace(child, basename(path), entry.name);
      }
    }
    await this.#addDirectory(path);
  }

  async #addWorkspace(path: string, fingerprint: string, workspaceName: string): Promise<void> {
    const kinds = ['file', 'chat', 'base'] as const;
    for (const kind of kinds) {
      if (kind !== (this.#filter.kind ?? kind)) continue;
      const directory = kind === 'base' ? path : join(path, `${kind}s`);
      for (const entry of await list(directory)) {
        const isOverlayDirectory = kind === 'base' && /^(files|chats)$/.test(entry.name);
        if (isOverlayDirectory && entry.isDirectory()) continue;
        const place = { kind, fingerprint, workspaceName, directory };
        await this.#addFile(place, entry.name);
      }
      await this.#addDirectory(directory);
    }
  }

  async #addFile(place: Place, name: string): Promise<void> {
    const path = join(place.directory, name);
    const stats = await lstatIfPresent(path);
    if (stats === undefined) return;
    const part = sessionPart(name);
    if (part === undefined || !sessionNames[place.kind].test(part.session)) {
      return this.#addLoose({ path, stats });
    }
    const session = this.#session(place, part.session);
    if (part.role === 'session') session.session = stats;
    else if (part.role === 'manifest') session.manifest = stats;
    else session.derived.push({ path, stats });
  }

  #session(place: Place, name: string): StoredSession {
    const path = join(place.directory, name);
    const { kind, fingerprint, workspaceName } = place;
    const session = this.#sessions.get(path) ?? {
      path,
      kind,
      fingerprint,
      workspaceName,
      derived: [],
    };
    this.#sessions.set(path, session);
    return session;
  }

  #addLoose(file: StoredFile): void {
    if (!file.stats.isFile()) this.#strays.push(file);
    else if (temporaryOwner(file.path) !== undefined) this.#temporaries.push(file);
    else if (file.path.endsWith('.rejected')) this.#rejected.push(file);
    else this.#strays.push(file);
  }

  async #addDirectory(path: string): Promise<void> {
    const stats = await lstatIfPresent(path);
    if (stats !== undefined) this.#directories.push({ path, stats });
  }
}

interface Place {
  readonly kind: StoredSession['kind'];
  readonly fingerprint: string;
  readonly workspaceName: string;
  readonly directory: string;
}

const sessionNames = {
  base: /^base-[0-9a-f]{32}\.session$/,
  file: /^[0-9a-f]{32}\.session$/,
  chat: /^[A-Za-z0-9_-]{1,64}\.session$/,
} as const;

interface SessionPart {
  readonly session: string;
  readonly role: 'session' | 'manifest' | 'derived';
}

/** Which session a file name belongs to, and as what. */
function sessionPart(name: string): SessionPart | undefined {
  if (name.endsWith('.session')) return { session: name, role: 'session' };
  if (name.endsWith('.session.json')) return { session: name.slice(0, -5), role: 'manifest' };
  const derived = /^(base-.*)\.(?:cells|meta)$/.exec(name)?.[1];
  return derived === undefined ? undefined : { session: `${derived}.session`, role: 'derived' };
}

/** Links are not followed: a link to a directory is not a directory here. */
function isHashedDirectory(entry: Dirent): boolean {
  return entry.isDirectory() && /^[0-9a-f]{32}$/.test(entry.name);
}

async function list(path: string): Promise<readonly Dirent[]> {
  return readdir(path, { withFileTypes: true }).catch((error: unknown) => {
    if (isVanished(error)) return [];
    throw error;
  });
}
