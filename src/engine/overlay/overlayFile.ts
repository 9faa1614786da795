/** Overlays to and from their session files. The cells of the base are never written: only those above it. */
import type { SessionEntry } from '../../cache/sessionEntry.ts';
import { hashTokens } from '../../cache/tokenHash.ts';
import type { Base } from '../base/base.ts';
import { overlayId, type Overlay } from './overlay.ts';
import type { Persistence, Runtime } from '../runtime.ts';
import type { Sequence } from '../inference/sequences.ts';
import {
  sessionErrorReason,
  type SavedSession,
  type SessionWriter,
} from '../sessions/sessionIo.ts';
import { trace } from '../trace.ts';

/** A save whose inference part is done; `finish` makes it durable and known. */
export interface OverlaySave {
  readonly tokens: number;
  finish(): Promise<SavedSession | undefined>;
}

/**
 * Puts an overlay's file on top of the base into a new sequence. Any doubt is a miss: the file is rejected and the
 * answer is `undefined`. Runs inside a turn.
 */
export async function restoreOverlay(
  runtime: Runtime,
  persistence: Persistence,
  base: Base,
  overlay: Overlay,
  makeRoom: () => Promise<boolean>,
): Promise<Sequence | undefined> {
  if (base.id === undefined) return undefined;
  const { store } = persistence;
  const entry =
    overlay.name.kind === 'file'
      ? await store.fileSession(overlay.name.uri, base.id)
      : await store.chatSession(overlay.name.chatId, base.id);
  if (entry === undefined) return undefined;
  if (!entry.clean) {
    await store.reject(entry.path, 'bad-format', 'its writer did not finish');
    runtime.counters.cacheMisses++;
    return undefined;
  }
  const sequence = await loadOverlay(runtime, persistence, base, entry, makeRoom);
  if (sequence === undefined) {
    runtime.counters.cacheMisses++;
    return undefined;
  }
  runtime.counters.overlaysRestored++;
  const { kind } = overlay.name;
  const { tokens, sizeBytes: bytes } = entry.manifest;
  trace({ event: 'session', kind, action: 'restored', id: overlayId(overlay.name), tokens, bytes });
  return sequence;
}

/** Loads a file that the store believes in; it goes when its content cannot be believed, not when there is no room. */
async function loadOverlay(
  runtime: Runtime,
  persistence: Persistence,
  base: Base,
  entry: SessionEntry,
  makeRoom: () => Promise<boolean>,
): Promise<Sequence | undefined> {
  const sequence = runtime.pool.acquire();
  for (;;) {
    try {
      const tokens = await readOverlay(persistence, entry, sequence);
      await checkPositions(runtime, base, sequence, tokens.length);
      await runtime.pool.share(base.sequence, sequence, 0, base.sequence.tokens.length);
      for (const token of tokens) sequence.tokens.push(token);
      return sequence;
    } catch (error) {
      // llama.cpp refuses a state that passed every check when there are too few free cells.
      const isFull = sessionErrorReason(error) === 'refused';
      if (isFull && (await makeRoom())) continue;
      await runtime.pool.release(sequence);
      const { message } = error as Error;
      if (!isFull) await persistence.store.reject(entry.path, 'load-failed', message);
      return undefined;
    }
  }
}

async function readOverlay(
  persistence: Persistence,
  entry: SessionEntry,
  sequence: Sequence,
): Promise<Int32Array> {
  const { manifest, path } = entry;
  const reader = await persistence.io.reader(path, 'sequence');
  try {
    if ((await reader.checksum()) !== manifest.checksum) throw new Error('the checksum differs');
    const tokens = await reader.read({ kind: 'sequence', id: sequence.id });
    if (hashTokens(tokens) !== manifest.tokensHash) throw new Error('the tokens differ');
    return tokens;
  } finally {
    await reader.close();
  }
}

/** The cells must stand right behind those of the base. */
async function checkPositions(
  runtime: Runtime,
  base: Base,
  sequence: Sequence,
  nTokens: number,
): Promise<void> {
  const first = await runtime.context.minPosition(sequence.id);
  const last = await runtime.context.maxPosition(sequence.id);
  const start = base.sequence.tokens.length;
  if (first !== start || last !== start + nTokens - 1)
    throw new Error(`positions ${first}..${last} instead of ${start}..${start + nTokens - 1}`);
}

/**
 * Writes the overlay's cells into its file, through a scratch sequence that holds nothing else. Runs inside a turn.
 * `undefined` when there is nothing to write, or another window writes this file.
 */
export async function writeOverlay(
  runtime: Runtime,
  persistence: Persistence,
  base: Base,
  overlay: Overlay,
): Promise<OverlaySave | undefined> {
  const { sequence } = overlay;
  const start = base.sequence.tokens.length;
  if (base.id === undefined || sequence === undefined || overlay.stable <= start) return undefined;
  const { store, io } = persistence;
  const path = await store.sessionPath(overlay.name);
  const cells = overlay.stable - start;
  const writer = await openWriter(runtime, () => io.writer(path, 'sequence', cells), path);
  if (writer === undefined) return undefined;
  const tokens = Int32Array.from(sequence.tokens.slice(start, overlay.stable));
  const scratch = runtime.pool.acquire();
  try {
    await store.markUnclean(path);
    await runtime.context.copySequence(sequence.id, scratch.id, start, overlay.stable);
    await writer.write({ kind: 'sequence', id: scratch.id }, tokens);
  } catch (error) {
    await writer.abandon();
    throw error;
  } finally {
    await runtime.pool.release(scratch);
  }
  overlay.dirty = false;
  const baseId = base.id;
  const finish = async (): Promise<SavedSession> => {
    const saved = await writer.finish();
    await store.commit(overlay.name, {
      baseId,
      tokens: tokens.length,
      tokensHash: hashTokens(tokens),
      ...saved,
      engineVersion: runtime.engineVersion,
      rebuildCostMs: overlay.costMs,
    });
    countSave(runtime, overlay, tokens.length, saved.sizeBytes);
    return saved;
  };
  return { tokens: tokens.length, finish };
}

async function openWriter(
  runtime: Runtime,
  open: () => Promise<SessionWriter>,
  path: string,
): Promise<SessionWriter | undefined> {
  try {
    return await open();
  } catch (error) {
    if (sessionErrorReason(error) !== 'locked') throw error;
    runtime.log('info', `${path} is being written by another window; not saved here`);
    return undefined;
  }
}

function countSave(runtime: Runtime, overlay: Overlay, tokens: number, bytes: number): void {
  runtime.counters.overlaysSaved++;
  runtime.counters.overlayBytesSaved += bytes;
  const { kind } = overlay.name;
  trace({ event: 'session', kind, action: 'saved', id: overlayId(overlay.name), tokens, bytes });
}
