import { isAlive, isOurs, temporaryOwner } from './files.ts';
import { readManifest } from './manifest.ts';
import { inspectSession } from './sessionEntry.ts';
import { manifestPath, workspaceDirectoryName } from './sessionName.ts';
import type { StoredFile, StoredSession, StoreScan } from './storeScan.ts';

/** Something in the cache directory that should not be as it is. */
export interface StoreProblem {
  readonly path: string;
  readonly problem: string;
}

/** Verifies every file of a scan. An orderly cache gives no problem, at any moment, in any process. */
export async function findProblems(scan: StoreScan): Promise<readonly StoreProblem[]> {
  const problems: StoreProblem[] = [
    ...scan.strays.map(({ path }) => ({ path, problem: 'not a file of the cache' })),
    ...scan.temporaries.filter(isAbandoned).map(({ path }) => ({ path, problem: 'abandoned' })),
    ...scan.directories.flatMap((directory) => findAccessProblem(directory)),
  ];
  for (const session of scan.sessions) problems.push(...(await findSessionProblems(session)));
  return problems;
}

async function findSessionProblems(stored: StoredSession): Promise<readonly StoreProblem[]> {
  const { path } = stored;
  const problem = await describeSessionProblem(stored);
  const manifest = stored.manifest && { path: manifestPath(path), stats: stored.manifest };
  const files = manifest === undefined ? stored.derived : [manifest, ...stored.derived];
  const accessProblems = files.flatMap(findAccessProblem);
  return problem === undefined ? accessProblems : [{ path, problem }, ...accessProblems];
}

async function describeSessionProblem(stored: StoredSession): Promise<string | undefined> {
  const { path, fingerprint, workspaceName } = stored;
  const reading = await readManifest(manifestPath(path));
  if (reading.kind === 'absent') return 'has no manifest';
  if (reading.kind === 'doubt') return `${reading.reason}: ${reading.detail}`;
  const { workspace } = reading.manifest;
  if (workspaceDirectoryName(workspace) !== workspaceName) return 'is in another workspace';
  const inspection = await inspectSession(path, { fingerprint, workspace });
  return inspection.kind === 'doubt' ? `${inspection.reason}: ${inspection.detail}` : undefined;
}

function findAccessProblem({ path, stats }: StoredFile): readonly StoreProblem[] {
  if (!isOurs(stats)) return [{ path, problem: 'belongs to another user' }];
  const isOpen = process.platform !== 'win32' && (stats.mode & 0o077) !== 0;
  return isOpen ? [{ path, problem: 'others have access' }] : [];
}

function isAbandoned(file: StoredFile): boolean {
  const owner = temporaryOwner(file.path);
  return owner !== undefined && !isAlive(owner);
}
