import { isOurs, lstatIfPresent } from './files.ts';
import { type Manifest, nameInManifest, readManifest } from './manifest.ts';
import type { RejectReason } from './rejectReason.ts';
import { manifestPath, relativeSessionPath } from './sessionName.ts';

/** A session whose manifest and file agree as far as can be known without reading its cells. */
export interface SessionEntry {
  readonly path: string;
  readonly manifest: Manifest;
  /** Length of the file now; longer than in the manifest while a writer has pre-allocated it. */
  readonly fileBytes: number;
  /** Last use, ms since 1970. */
  readonly usedAt: number;
  /**
   * True: file and manifest were finished together. False (overlays only): a writer has the file or died
   * with it; counts, hash and checksum of the manifest are not to be believed, the file must speak for itself.
   */
  readonly clean: boolean;
}

/** Who asks: a session of anyone else is none. */
export interface SessionOwner {
  readonly fingerprint: string;
  readonly workspace: string;
}

/** What is found at the path of a session. */
export type Inspection =
  | { readonly kind: 'entry'; readonly entry: SessionEntry }
  | { readonly kind: 'absent' }
  | { readonly kind: 'doubt'; readonly reason: RejectReason; readonly detail: string };

/**
 * Looks at a session and its manifest, changing nothing. A file without manifest is *absent*: a publisher
 * may be about to write it; {@link SessionStore.evict} removes it when none did.
 */
export async function inspectSession(path: string, owner: SessionOwner): Promise<Inspection> {
  const reading = await readManifest(manifestPath(path));
  if (reading.kind !== 'manifest') return reading;
  const { manifest, usedAt } = reading;
  const stranger = checkIdentity(path, manifest, owner);
  if (stranger !== undefined) return stranger;

  const stats = await lstatIfPresent(path);
  if (stats === undefined) return doubt('session-missing', 'there is only a manifest');
  if (!stats.isFile()) return doubt('not-regular', 'not a regular file');
  if (!isOurs(stats)) return doubt('not-private', `owned by user ${stats.uid}`);
  const open = stats.mode & 0o077;
  if (process.platform !== 'win32' && open !== 0) {
    return doubt('not-private', `others have access (mode ${(stats.mode & 0o777).toString(8)})`);
  }
  const sizeProblem = checkSize(manifest, stats.size);
  if (sizeProblem !== undefined) return sizeProblem;
  const clean = manifest.clean && stats.size === manifest.sizeBytes;
  return { kind: 'entry', entry: { path, manifest, fileBytes: stats.size, usedAt, clean } };
}

function checkIdentity(
  path: string,
  manifest: Manifest,
  owner: SessionOwner,
): Inspection | undefined {
  if (manifest.fingerprint !== owner.fingerprint) {
    return doubt('wrong-fingerprint', manifest.fingerprint);
  }
  if (manifest.workspace !== owner.workspace) return doubt('wrong-workspace', manifest.workspace);
  return belongsAt(path, manifest)
    ? undefined
    : doubt('wrong-name', `it describes another session`);
}

/** Whether the session a manifest describes has its place at `path`. */
function belongsAt(path: string, manifest: Manifest): boolean {
  try {
    return path.endsWith(relativeSessionPath(nameInManifest(manifest)));
  } catch {
    return false; // the manifest holds a name that no session can have
  }
}

/** A base never changes; an overlay may be longer than its manifest says, never shorter while clean. */
function checkSize(manifest: Manifest, fileBytes: number): Inspection | undefined {
  const expected = manifest.sizeBytes;
  if (fileBytes === expected) return undefined;
  const mayDiffer = manifest.kind !== 'base' && (!manifest.clean || fileBytes > expected);
  return mayDiffer ? undefined : doubt('wrong-size', `${fileBytes} bytes instead of ${expected}`);
}

function doubt(reason: RejectReason, detail: string): Inspection {
  return { kind: 'doubt', reason, detail };
}
