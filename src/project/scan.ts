import { createHash } from 'node:crypto';

import { byCodeUnits } from './codeUnitOrder.ts';
import { ExcludeGlobs } from './excludeGlobs.ts';
import { isForeignDirectory, uselessByName, type LeftOutReason } from './fileKinds.ts';
import { IgnoreRules } from './ignoreRules.ts';
import { joinPath, rootDirectory, type DirectoryEntry, type ProjectFiles } from './projectFiles.ts';
import { redactSecrets } from './redactSecrets.ts';
import { isRulesFile } from './rulesFiles.ts';
import { isSecretDirectory, isSecretPath } from './secretPaths.ts';

/** A file or folder that is not in the project context; a folder's path ends in a slash. */
export interface LeftOut {
  readonly path: string;
  readonly reason: LeftOutReason;
}

/** What a walk over the project found, both lists sorted by path in code units. */
export interface ScanResult {
  /** Files that may be shown, judged by their paths only. */
  readonly paths: readonly string[];
  readonly leftOut: readonly LeftOut[];
  /** Hash of everything that decided what may be shown: settings and ignore files. */
  readonly rules: string;
}

/** What decides about a walk. */
export interface ScanOptions {
  /** Globs of `files.exclude` that are true. */
  readonly filesExclude: readonly string[];
  /** Globs that a person excluded from the context, of the same kind. */
  readonly exclude?: readonly string[];
  /** False: the workspace is not trusted, and files with rules for assistants are not read. */
  readonly trusted?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Where a walk stops; such a project needs an own ignore file. */
const MAX_FILES = 20_000;

/** An ignore file or a source file above this size is not read. */
export const MAX_FILE_BYTES = 256 * 1024;

/**
 * Walks over all roots and tells which files may be shown. Honours nested `.gitignore` and
 * `.warmforkignore` files and `.git/info/exclude`; a `.warmforkignore` can leave out more but never
 * bring back what git ignores. Ignore files above a root are not seen.
 *
 * Rejects when a root cannot be listed, and with the signal's reason when aborted.
 */
export async function scanProject(files: ProjectFiles, options: ScanOptions): Promise<ScanResult> {
  const walk = new Walk(files, options);
  const roots = files.roots.map((root) => rootDirectory(files, root.name)).sort(byCodeUnits);
  for (const root of roots) await walk.root(root);
  return walk.result();
}

/** A folder to look into: `path` in the workspace, `inRoot` below its root. */
interface Place {
  readonly path: string;
  readonly inRoot: string;
  readonly gitRules: IgnoreRules;
  readonly ownRules: IgnoreRules;
}

class Walk {
  readonly #files: ProjectFiles;
  readonly #excludes: ExcludeGlobs;
  readonly #ownExcludes: ExcludeGlobs;
  readonly #trusted: boolean;
  readonly #signal: AbortSignal | undefined;
  readonly #paths: string[] = [];
  readonly #leftOut: LeftOut[] = [];
  readonly #rules = createHash('sha1');

  constructor(files: ProjectFiles, options: ScanOptions) {
    this.#files = files;
    const { filesExclude, exclude = [], trusted = true } = options;
    this.#rules.update(JSON.stringify([[...filesExclude].sort(), [...exclude].sort(), trusted]));
    this.#excludes = new ExcludeGlobs(options.filesExclude);
    this.#ownExcludes = new ExcludeGlobs(options.exclude ?? []);
    this.#trusted = options.trusted ?? true;
    this.#signal = options.signal;
  }

  async root(path: string): Promise<void> {
    this.#signal?.throwIfAborted();
    const entries = await this.#files.list(path);
    const place = { path, inRoot: '', gitRules: IgnoreRules.none, ownRules: IgnoreRules.none };
    await this.#enter(place, entries);
  }

  result(): ScanResult {
    return {
      rules: this.#rules.digest('base64url'),
      paths: this.#paths.sort(byCodeUnits),
      leftOut: this.#leftOut.sort(
        (left, right) =>
          byCodeUnits(left.path, right.path) || byCodeUnits(left.reason, right.reason),
      ),
    };
  }

  async #enter(outer: Place, unsorted: readonly DirectoryEntry[]): Promise<void> {
    const place = await this.#withRulesOf(outer, unsorted);
    if (place === undefined) {
      // What an unreadable ignore file would hide must not be shown.
      this.#leave(`${outer.path}/`, 'unreadable');
      return;
    }
    const entries = [...unsorted].sort((left, right) => byCodeUnits(left.name, right.name));
    for (const entry of entries) {
      const reason = this.#refusal(place, entry);
      const path = joinPath(place.path, entry.name);
      if (reason !== undefined) this.#leave(entry.kind === 'directory' ? `${path}/` : path, reason);
      else if (entry.kind === 'directory') await this.#descend(place, entry.name);
      else this.#paths.push(path);
    }
  }

  async #descend(outer: Place, name: string): Promise<void> {
    this.#signal?.throwIfAborted();
    const path = joinPath(outer.path, name);
    const entries = await this.#files.list(path).catch(() => undefined);
    if (entries === undefined) this.#leave(`${path}/`, 'unreadable');
    else await this.#enter({ ...outer, path, inRoot: joinPath(outer.inRoot, name) }, entries);
  }

  #refusal(place: Place, entry: DirectoryEntry): LeftOutReason | undefined {
    const { name, kind } = entry;
    if (!isSafeName(name)) return 'unsafe name';
    if (kind === 'symlink') return 'symbolic link';
    if (kind === 'other') return 'not a file';
    const path = joinPath(place.inRoot, name);
    if (kind === 'directory' && isForeignDirectory(name)) return 'vendored';
    if (place.gitRules.ignores(path, kind) || place.ownRules.ignores(path, kind)) return 'ignored';
    if (this.#excludes.excludes(path, kind)) return 'files.exclude';
    if (this.#ownExcludes.excludes(path, kind)) return 'excluded by setting';
    if (isSecret(path, kind)) return 'secret';
    if (kind === 'directory') return undefined;
    if (!this.#trusted && isRulesFile(path)) return 'untrusted workspace';
    if (this.#paths.length >= MAX_FILES) return 'too many files';
    return uselessByName(name);
  }

  /** The folder with its own ignore files in force; undefined when one cannot be read. */
  async #withRulesOf(place: Place, entries: readonly DirectoryEntry[]): Promise<Place | undefined> {
    let { gitRules, ownRules } = place;
    for (const file of IGNORE_FILES) {
      const first = file.name.split('/')[0];
      const found = entries.find((entry) => entry.name === first);
      if (found === undefined || found.kind !== file.below) continue;
      const text = await this.#readRules(joinPath(place.path, file.name));
      if (text === undefined && file.below === 'file') return undefined;
      this.#rules.update(JSON.stringify([place.path, file.name, text]));
      if (file.own) ownRules = ownRules.with(text ?? '', place.inRoot);
      else gitRules = gitRules.with(text ?? '', place.inRoot);
    }
    return { ...place, gitRules, ownRules };
  }

  async #readRules(path: string): Promise<string | undefined> {
    this.#signal?.throwIfAborted();
    const bytes = await this.#files.read(path, MAX_FILE_BYTES + 1);
    if (bytes === undefined || bytes.length > MAX_FILE_BYTES) return undefined;
    return new TextDecoder().decode(bytes);
  }

  #leave(path: string, reason: LeftOutReason): void {
    this.#leftOut.push({ path, reason });
  }
}

/** Weakest first. `below` is what the first part of the name must be; a linked one is not read. */
const IGNORE_FILES = [
  { name: '.git/info/exclude', below: 'directory', own: false },
  { name: '.gitignore', below: 'file', own: false },
  { name: '.warmforkignore', below: 'file', own: true },
] as const;

function isSecret(path: string, kind: 'file' | 'directory'): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const byPath = kind === 'directory' ? isSecretDirectory(name) : isSecretPath(path);
  return byPath || redactSecrets(name, 'name.ts').redacted > 0;
}

/** Names that survive on any system and cannot break out of the line they are shown in. */
function isSafeName(name: string): boolean {
  return name !== '' && !/[\p{Cc}\p{Cs}\u2028\u2029\uFFFD\\/]/u.test(name);
}
