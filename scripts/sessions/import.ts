import { copyFile } from 'node:fs/promises';
import { relative } from 'node:path';
import {
  removeFile,
  renameIfPresent,
  syncPrivateFile,
  temporaryPathFor,
} from '../../src/cache/files.ts';
import { nameInManifest, type Manifest } from '../../src/cache/manifest.ts';
import type { SessionEntry } from '../../src/cache/sessionEntry.ts';
import { manifestPath } from '../../src/cache/sessionName.ts';
import { SessionStore } from '../../src/cache/store.ts';
import { CommandFailure, type CommandInput, type CommandResult } from './commandTypes.ts';
import { findDisagreements, findFile, manifestBeside, readHeader } from './sessionFile.ts';

/** Puts an exported session back where its manifest says it belongs; one that is there stays. */
export async function importSession(input: CommandInput): Promise<CommandResult> {
  const path = await findFile(input.parameters[0] ?? '', input.root, input.directory);
  const manifest = await manifestBeside(path);
  if (manifest === undefined)
    throw new CommandFailure(`${manifestPath(path)} is missing; export writes it.`);
  const problems = await findDisagreements(path, await readHeader(path), manifest);
  if (problems.length > 0)
    throw new CommandFailure(`${path} is not imported: ${problems.join('; ')}.`);
  const store = await openStore(input.root, manifest);
  await requireAbsent(store, manifest);
  const entry = await put(store, path, manifest);
  const text = `Imported as ${relative(input.root, entry.path)}.`;
  return { ok: true, text, data: { path, entry } };
}

async function openStore(root: string, manifest: Manifest): Promise<SessionStore> {
  return SessionStore.open({
    root,
    fingerprint: manifest.fingerprint,
    workspace: manifest.workspace,
    budgetBytes: Number.MAX_SAFE_INTEGER,
    keepRejected: true,
    log: () => undefined,
    now: () => Date.now(),
  });
}

async function requireAbsent(store: SessionStore, manifest: Manifest): Promise<void> {
  const path = await store.sessionPath(nameInManifest(manifest));
  if ((await store.list()).some((entry) => entry.path === path))
    throw new CommandFailure(`There is such a session already: ${path}`);
}

async function put(store: SessionStore, from: string, manifest: Manifest): Promise<SessionEntry> {
  const name = nameInManifest(manifest);
  if (name.kind === 'base') {
    const { temporaryPath } = await store.baseFiles(name.baseId);
    await copyFile(from, temporaryPath);
    return store.publishBase(temporaryPath, manifest);
  }
  const path = await store.sessionPath(name);
  const temporary = temporaryPathFor(path);
  await copyFile(from, temporary);
  await syncPrivateFile(temporary);
  if (!(await renameIfPresent(temporary, path))) {
    await removeFile(temporary);
    throw new CommandFailure(`${path} is in use.`);
  }
  const entry = await store.commit(name, manifest);
  if (entry === undefined) throw new CommandFailure(`${path} vanished while it was imported.`);
  return entry;
}
