/** A session as one file that llama.cpp reads by itself, with everything the session stands on. */
import { chmod, copyFile, rename, stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { removeFile, temporaryPathFor } from '../../cache/files.ts';
import type { OverlayName } from '../../cache/sessionName.ts';
import type { ExportedSession, ExportSessionParams } from '../../protocol/sessions.ts';
import { EngineError } from '../errors.ts';
import type { Sequence } from '../inference/sequences.ts';
import { findProblem } from './verifySessions.ts';
import { sessionId, type SessionsInMemory } from './listSessions.ts';

type Written = Pick<ExportedSession, 'tokens' | 'format'>;

const upkeep = { priority: 'upkeep' } as const;

/**
 * Writes beside `path` and renames, for the owner alone: it is source code in another form. Rejects with
 * `ERR_WARMFORK_SESSION` when there is no such session or its file is damaged, or with the error of the file system.
 */
export async function exportSession(
  memory: SessionsInMemory,
  { kind, id, path }: ExportSessionParams,
): Promise<ExportedSession> {
  if (!isAbsolute(path))
    throw new EngineError('ERR_WARMFORK_SESSION', `Not an absolute path to export to: ${path}`);
  const temporary = temporaryPathFor(path);
  try {
    const written = await (kind === 'base'
      ? exportBase(memory, id, temporary)
      : exportOverlay(memory, overlayName(kind, id), temporary));
    await chmod(temporary, 0o600);
    const bytes = (await stat(temporary)).size;
    await rename(temporary, path);
    return { path, bytes, ...written };
  } catch (error) {
    await removeFile(temporary);
    throw error;
  }
}

/** The name of an overlay in the store. */
export function overlayName(kind: 'file' | 'chat', id: string): OverlayName {
  return kind === 'file' ? { kind, uri: id } : { kind, chatId: id };
}

/** The file of a base is one of a whole context already. One that is only in memory is written as a sequence. */
async function exportBase(
  { runtime, base }: SessionsInMemory,
  id: string,
  path: string,
): Promise<Written> {
  const entries = (await runtime.persistence?.store.list()) ?? [];
  const entry = entries.find(({ manifest }) => manifest.kind === 'base' && manifest.baseId === id);
  if (entry !== undefined && runtime.persistence !== undefined) {
    const problem = await findProblem(runtime.persistence.io, entry);
    if (problem !== undefined) throw damaged(entry.path, problem);
    await copyFile(entry.path, path);
    return { tokens: entry.manifest.tokens, format: 'context' };
  }
  return runtime.gate.shared(async () => {
    if (base.id !== id) throw gone();
    const { length } = base.sequence.tokens;
    await runtime.scheduler.turn(upkeep, () =>
      runtime.context.saveSequenceFile(
        path,
        base.sequence.id,
        Int32Array.from(base.sequence.tokens),
      ),
    );
    return { tokens: length, format: 'sequence' };
  });
}

/** Brought back from its file where it is not in memory. What was only tried behind it is left out. */
async function exportOverlay(
  memory: SessionsInMemory,
  name: OverlayName,
  path: string,
): Promise<Written> {
  const { runtime, overlays } = memory;
  const tokens = await runtime.gate.shared(async () => {
    await requireUsable(memory, name);
    return overlays.use(name, async (overlay) => {
      await overlays.attach(overlay, upkeep);
      return runtime.scheduler.turn(upkeep, async () => {
        const { sequence, stable } = overlay;
        if (sequence === undefined) throw gone();
        await overlays.reserve(1);
        await saveBeginning(runtime, sequence, stable, path);
        return stable;
      });
    });
  });
  return { tokens, format: 'sequence' };
}

/** What is neither in memory nor stands on the base that serves must not be attached: it would be removed. */
async function requireUsable(
  { runtime, base, overlays }: SessionsInMemory,
  name: OverlayName,
): Promise<void> {
  if (overlays.find(name)?.sequence !== undefined) return;
  const entries = (await runtime.persistence?.store.list()) ?? [];
  const id = name.kind === 'file' ? name.uri : name.chatId;
  const entry = entries.find(
    ({ manifest }) => manifest.kind === name.kind && sessionId(manifest) === id,
  );
  if (entry === undefined) throw gone();
  if (entry.manifest.baseId !== base.id)
    throw new EngineError(
      'ERR_WARMFORK_SESSION',
      'This session stands on another base than the one that serves now; use it once, then export it.',
    );
}

/** Through a scratch sequence, which holds nothing else. Runs inside a turn. */
async function saveBeginning(
  runtime: SessionsInMemory['runtime'],
  sequence: Sequence,
  length: number,
  path: string,
): Promise<void> {
  const scratch = runtime.pool.acquire();
  try {
    await runtime.context.copySequence(sequence.id, scratch.id, 0, length);
    const tokens = Int32Array.from(sequence.tokens.slice(0, length));
    await runtime.context.saveSequenceFile(path, scratch.id, tokens);
  } finally {
    await runtime.pool.release(scratch);
  }
}

function gone(): EngineError {
  return new EngineError('ERR_WARMFORK_SESSION', 'There is no such session any more.');
}

function damaged(path: string, problem: string): EngineError {
  return new EngineError('ERR_WARMFORK_SESSION', `${path} is not exported: ${problem}.`);
}
