/** Everything on disk and in memory that was made of somebody's source code, file by file. */
import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { nameInManifest, readManifest } from '../../cache/manifest.ts';
import { manifestPath, workspaceDirectoryName } from '../../cache/sessionName.ts';
import {
  scanStore,
  sessionBytes,
  type StoredFile,
  type StoredSession,
} from '../../cache/storeScan.ts';
import type { CacheLedger, LedgerFile, LedgerSession } from '../../protocol/sessions.ts';
import type { InitializeParams } from '../../protocol/settings.ts';
import { cellsInUse } from './cellsInUse.ts';
import { engineMemory } from './engineMemory.ts';
import type { SessionsInMemory } from './listSessions.ts';

type Params = Pick<InitializeParams, 'storagePath' | 'settings' | 'workspace'>;

/** Reads directories and manifests, no session. */
export async function cacheLedger(memory: SessionsInMemory, params: Params): Promise<CacheLedger> {
  const { runtime, base, overlays } = memory;
  const root = runtime.persistence?.store.root;
  const scan = await scanStore(root ?? params.storagePath);
  const sessions = await Promise.all(
    scan.sessions.map((one) => ledgerSession(one, memory, params)),
  );
  const others = [
    ...scan.rejected.map((file) => ledgerFile(file, 'rejected')),
    ...[...scan.temporaries, ...scan.strays].map((file) => ledgerFile(file, 'other')),
    ...(await projectFacts(projectsFolder(params))),
  ];
  const sum = (all: readonly { readonly bytes: number }[]): number =>
    all.reduce((bytes, one) => bytes + one.bytes, 0);
  return {
    ...(root !== undefined && { root }),
    sessions: sessions.sort(inOrder),
    others,
    diskBytes: sum(sessions) + sum(others),
    budgetBytes: params.settings.cacheBudgetBytes,
    cells: cellsInUse(runtime.context.nCtx, base, overlays),
    memory: await engineMemory(),
  };
}

/** Where the engine keeps what it found out about projects: beside the sessions. */
export function projectsFolder({ storagePath }: Pick<Params, 'storagePath'>): string {
  return join(dirname(storagePath), 'projects');
}

const owners = ['here', 'otherModel', 'otherWorkspace'] as const;
const kinds = ['base', 'file', 'chat'] as const;

function inOrder(a: LedgerSession, b: LedgerSession): number {
  return (
    owners.indexOf(a.owner) - owners.indexOf(b.owner) ||
    kinds.indexOf(a.kind) - kinds.indexOf(b.kind) ||
    b.usedAt - a.usedAt
  );
}

async function ledgerSession(
  stored: StoredSession,
  { runtime }: SessionsInMemory,
  { workspace }: Params,
): Promise<LedgerSession> {
  const { kind, path, fingerprint, workspaceName } = stored;
  const reading = await readManifest(manifestPath(path));
  const manifest = reading.kind === 'manifest' ? reading.manifest : undefined;
  const isOurs = workspaceName === workspaceDirectoryName(workspace.key);
  const isOfModel = fingerprint === runtime.persistence?.fingerprint;
  return {
    ...{ kind, path, bytes: sessionBytes(stored) },
    id: manifest === undefined ? '' : idOf(manifest),
    tokens: manifest?.tokens ?? 0,
    usedAt: reading.kind === 'manifest' ? reading.usedAt : (stored.session?.mtimeMs ?? 0),
    owner: isOurs ? (isOfModel ? 'here' : 'otherModel') : 'otherWorkspace',
    ...(manifest && { workspace: manifest.workspace }),
  };
}

function idOf(manifest: Parameters<typeof nameInManifest>[0]): string {
  const name = nameInManifest(manifest);
  if (name.kind === 'base') return name.baseId;
  return name.kind === 'file' ? name.uri : name.chatId;
}

function ledgerFile({ path, stats }: StoredFile, what: LedgerFile['what']): LedgerFile {
  return { path, bytes: stats.size, what };
}

async function projectFacts(folder: string): Promise<LedgerFile[]> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const files = await Promise.all(
    names.map(async (name): Promise<LedgerFile | undefined> => {
      const path = join(folder, name);
      const stats = await stat(path).catch(() => undefined); // gone meanwhile
      return stats?.isFile() ? { path, bytes: stats.size, what: 'projectFacts' } : undefined;
    }),
  );
  return files.filter((file) => file !== undefined);
}
