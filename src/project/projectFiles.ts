/** What a name in a folder stands for; a link is never followed. */
export type EntryKind = 'file' | 'directory' | 'symlink' | 'other';

/** One name in a folder. */
export interface DirectoryEntry {
  readonly name: string;
  readonly kind: EntryKind;
}

/**
 * The project's files, as far as the project context needs them.
 *
 * Paths are POSIX paths relative to the workspace, without a leading slash. With one root they are
 * relative to it and the workspace itself is `''`; with several, each begins with its root's name
 * and `''` lists the roots.
 */
export interface ProjectFiles {
  /** The workspace's folders; names are unique and hold no slash. */
  readonly roots: readonly { readonly name: string }[];

  /** The names in a folder, in any order. Rejects when the folder cannot be read. */
  list(dir: string): Promise<readonly DirectoryEntry[]>;

  /** The first `maxBytes` bytes of a regular file; undefined when it cannot be read. */
  read(path: string, maxBytes: number): Promise<Uint8Array | undefined>;

  /**
   * What changes whenever a file's content may have; undefined when that cannot be told, as of a file that was written just
   * now. Absent where it never can: then files are read each time.
   */
  stamp?(path: string): Promise<string | undefined>;
}

/** The folder in which a root's paths begin: `''` for a single root, else the root's name. */
export function rootDirectory(files: ProjectFiles, rootName: string): string {
  return files.roots.length === 1 ? '' : rootName;
}

/** Joins two relative POSIX paths, of which either may be empty. */
export function joinPath(dir: string, name: string): string {
  return dir === '' || name === '' ? dir + name : `${dir}/${name}`;
}
