/** Overlays to and from their session files. The cells of the base are never written: only those above it. */
import type { Base } from '../base/base.ts';
import { overlayId, type Overlay } from './overlay.ts';
import { copyPart, readPart } from './partFile.ts';
import type { Persistence, Runtime } from '../runtime.ts';
import type { Sequence } from '../inference/sequences.ts';
import type { SavedSession } from '../sessions/sessionIo.ts';
import { trace } from '../trace.ts';

/** A save whose inference part is done; `finish` writes the file, unless another window does. */
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
    // Another window may be about to finish it.
    if (!persistence.io.isBeingWritten(entry.path))
      await store.reject(entry.path, 'bad-format', 'its writer did not finish');
    runtime.counters.cacheMisses++;
    return undefined;
  }
  const start = base.sequence.tokens.length;
  const sequence = await readPart(runtime, persistence, { base, start, entry }, makeRoom);
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

/**
 * Copies the overlay's cells out of the context, for its file. Runs inside a turn. `undefined` when there is nothing to
 * write.
 */
export async function writeOverlay(
  runtime: Runtime,
  persistence: Persistence,
  base: Base,
  overlay: Overlay,
): Promise<OverlaySave | undefined> {
  const { sequence, name, stable: end, costMs } = overlay;
  const start = base.sequence.tokens.length;
  if (base.id === undefined || sequence === undefined || end <= start) return undefined;
  const part = { name, baseId: base.id, sequence, start, end, costMs };
  const copied = await copyPart(runtime, persistence, part);
  overlay.dirty = false;
  const tokens = end - start;
  const finish = async (): Promise<SavedSession | undefined> => {
    let saved: SavedSession | undefined;
    try {
      saved = await copied.finish();
    } finally {
      // Worth another attempt, as long as these cells are its own.
      if (saved === undefined && overlay.sequence === sequence) overlay.dirty = true;
    }
    if (saved !== undefined) countSave(runtime, overlay, tokens, saved.sizeBytes);
    return saved;
  };
  return { tokens, finish };
}

function countSave(runtime: Runtime, overlay: Overlay, tokens: number, bytes: number): void {
  runtime.counters.overlaysSaved++;
  runtime.counters.overlayBytesSaved += bytes;
  const { kind } = overlay.name;
  trace({ event: 'session', kind, action: 'saved', id: overlayId(overlay.name), tokens, bytes });
}
