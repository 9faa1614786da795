/** Where and how this engine keeps sessions. Without a place everything works from memory alone. */
import { readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Context } from '../../../native/index.js';
import type { Fingerprint } from '../../cache/fingerprint.ts';
import { removeKept } from '../../cache/removeKept.ts';
import { SessionStore } from '../../cache/store.ts';
import type { StoredSession } from '../../cache/storeScan.ts';
import type { InitializeParams } from '../../protocol/settings.ts';
import type { EngineStatus } from '../../protocol/status.ts';
import { unfinishedBaseFile } from '../base/unfinishedBase.ts';
import { projectsFolder } from '../sessions/cacheLedger.ts';
import { sessionIoWithFallback } from '../sessions/fallbackSessionIo.ts';
import type { LlamaLibrary } from '../native/loadLlama.ts';
import type { Persistence, Runtime } from '../runtime.ts';
import { fileSessionIo, mappedSessionIo, type SessionIo } from '../sessions/sessionIo.ts';

export interface PersistenceOptions {
  readonly log: Runtime['log'];
  /** A session file cannot be mapped and is read or written as an ordinary file; the reason is in words. */
  readonly onFallback: (reason: string) => void;
  /** For tests: stands between the engine and the mapped files. */
  readonly wrapMapped?: ((io: SessionIo) => SessionIo) | undefined;
}

export interface OpenedPersistence {
  readonly persistence: Persistence | undefined;
  readonly status: EngineStatus['persistence'];
}

/** @param context that sessions are for, asked when one is read or written */
export async function openPersistence(
  params: InitializeParams,
  library: LlamaLibrary,
  fingerprint: Fingerprint,
  context: () => Context,
  options: PersistenceOptions,
): Promise<OpenedPersistence> {
  const { settings } = params;
  try {
    await removeUnwanted(params, options.log);
    if (settings.persist === 'none') return notKept('nothing is kept on disk, by setting');
    const store = await openStore(params, fingerprint, options.log);
    const mapped = settings.sessionIo === 'mapped' && library.libraryInfo.mmapSupported;
    const ioFor = (of: () => Context): SessionIo =>
      mapped ? mappedIo(library, of, options) : fileSessionIo(of);
    const reason =
      settings.sessionIo === 'file' ? 'by setting' : 'mapping is not supported on this system';
    const status = mapped ? ({ kind: 'mapped' } as const) : ({ kind: 'file', reason } as const);
    const keepsOverlays = settings.persist === 'all';
    const io = ioFor(context);
    return { persistence: { store, io, ioFor, fingerprint, keepsOverlays }, status };
  } catch (error) {
    const reason = `sessions are not kept: ${(error as Error).message}`;
    options.log('warn', reason);
    return notKept(reason);
  }
}

function notKept(reason: string): OpenedPersistence {
  return { persistence: undefined, status: { kind: 'none', reason } };
}

/** What was kept before and may not be kept any more. */
async function removeUnwanted(
  { settings: { persist }, storagePath }: InitializeParams,
  log: Runtime['log'],
): Promise<void> {
  if (persist === 'all') return;
  const isPartOfBase = ({ kind, path }: StoredSession): boolean =>
    kind === 'base' || basename(path) === unfinishedBaseFile;
  if (persist === 'none') await removeProjectFacts(projectsFolder({ storagePath }));
  const removed = await removeKept(
    storagePath,
    (session) => persist === 'none' || !isPartOfBase(session),
  );
  if (removed > 0) log('info', `${removed} sessions were removed, by setting`);
}

/** Signatures and the like, one folder for each workspace. How fast this machine is stays. */
async function removeProjectFacts(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries.filter((one) => one.isDirectory()))
    await rm(join(folder, entry.name), { recursive: true, force: true });
}

function openStore(
  { settings, workspace, storagePath }: InitializeParams,
  fingerprint: Fingerprint,
  log: Runtime['log'],
): Promise<SessionStore> {
  return SessionStore.open({
    root: storagePath,
    fingerprint,
    workspace: workspace.key,
    budgetBytes: settings.cacheBudgetBytes,
    keepRejected: settings.keepRejected,
    log: (message) => log('info', message),
    now: () => Date.now(),
  });
}

function mappedIo(
  library: LlamaLibrary,
  context: () => Context,
  { log, onFallback, wrapMapped }: PersistenceOptions,
): SessionIo {
  const mapped = mappedSessionIo(context, library.native);
  return sessionIoWithFallback({
    mapped: wrapMapped?.(mapped) ?? mapped,
    file: fileSessionIo(context),
    onFallback: (reason) => {
      log('warn', reason);
      onFallback(reason);
    },
  });
}
