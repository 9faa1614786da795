/** The files of one commit, read from git's object store: nothing is checked out. */
import { execFileSync, spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import type { DirectoryEntry, EntryKind, ProjectFiles } from '../../src/project/projectFiles.ts';

/** The newest commits of a branch's first-parent history, oldest first. */
export function newestCommits(gitDir: string, count: number): readonly string[] {
  const list = git(gitDir, ['rev-list', '--first-parent', '-n', String(count), 'HEAD']);
  return list.trim().split('\n').reverse();
}

/** Reads blobs by id from one `git cat-file` process. */
export class BlobReader {
  readonly #process: ChildProcessWithoutNullStreams;
  #pending: { readonly id: string; readonly resolve: (bytes: Uint8Array) => void }[] = [];
  #received = Buffer.alloc(0);

  constructor(gitDir: string) {
    this.#process = spawn('git', ['--git-dir', gitDir, 'cat-file', '--batch']);
    this.#process.stdout.on('data', (chunk: Buffer) => this.#receive(chunk));
  }

  read(id: string): Promise<Uint8Array> {
    return new Promise((resolve) => {
      this.#pending.push({ id, resolve });
      this.#process.stdin.write(`${id}\n`);
    });
  }

  close(): void {
    this.#process.stdin.end();
  }

  #receive(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    for (;;) {
      const end = this.#received.indexOf(10);
      if (end < 0) return;
      const size = Number(this.#received.toString('utf8', 0, end).split(' ')[2]);
      if (this.#received.length < end + 1 + size + 1) return;
      const bytes = Uint8Array.from(this.#received.subarray(end + 1, end + 1 + size));
      this.#received = this.#received.subarray(end + 1 + size + 1);
      this.#pending.shift()?.resolve(bytes);
    }
  }
}

interface TreeFile {
  readonly id: string;
  readonly kind: EntryKind;
}

/** A commit as a project with one root. */
export function commitFiles(gitDir: string, commit: string, blobs: BlobReader): ProjectFiles {
  const files = new Map<string, TreeFile>();
  const folders = new Map<string, Map<string, EntryKind>>([['', new Map<string, EntryKind>()]]);
  for (const line of git(gitDir, ['ls-tree', '-r', '-z', commit]).split('\0')) {
    const [facts = '', path = ''] = line.split('\t');
    const [mode, type, id = ''] = facts.split(' ');
    if (type !== 'blob') continue;
    const kind = mode === '120000' ? 'symlink' : 'file';
    files.set(path, { id, kind });
    addToFolders(folders, path, kind);
  }
  return {
    roots: [{ name: 'project' }],
    list: async (dir) =>
      [...(folders.get(dir) ?? [])].map(([name, kind]): DirectoryEntry => ({ name, kind })),
    read: async (path, maxBytes) => {
      const file = files.get(path);
      if (file?.kind !== 'file') return undefined;
      return (await blobs.read(file.id)).subarray(0, maxBytes);
    },
  };
}

function addToFolders(
  folders: Map<string, Map<string, EntryKind>>,
  path: string,
  kind: EntryKind,
): void {
  const parts = path.split('/');
  let dir = '';
  for (const [index, name] of parts.entries()) {
    const isLast = index === parts.length - 1;
    let folder = folders.get(dir);
    if (folder === undefined) folders.set(dir, (folder = new Map<string, EntryKind>()));
    folder.set(name, isLast ? kind : 'directory');
    dir = dir === '' ? name : `${dir}/${name}`;
  }
}

function git(gitDir: string, args: readonly string[]): string {
  return execFileSync('git', ['--git-dir', gitDir, ...args], {
    encoding: 'utf8',
    maxBuffer: 256 * 1024 ** 2,
  });
}
