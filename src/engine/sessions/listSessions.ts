import type { SessionEntry } from '../../cache/sessionEntry.ts';
import type { SessionRef } from '../../protocol/sessions.ts';
import type { SessionInfo } from '../../protocol/status.ts';
import type { Base } from '../base/base.ts';
import { type Overlay, overlayId } from '../overlay/overlay.ts';
import type { Overlays } from '../overlay/overlays.ts';
import type { Runtime } from '../runtime.ts';

export interface SessionsInMemory {
  readonly runtime: Runtime;
  readonly base: Base;
  readonly overlays: Overlays;
  /** The cells of the base lie on its image. */
  readonly isInPlace: boolean;
}

/** What is in the context and what is on disk for this workspace, as one list: base first, then by last use. */
export async function listSessions(memory: SessionsInMemory): Promise<readonly SessionInfo[]> {
  const { runtime, base, overlays } = memory;
  const files = new Map<string, SessionEntry>();
  for (const entry of (await runtime.persistence?.store.list()) ?? [])
    files.set(keyOf(refOf(entry)), entry);
  const live = [...liveBase(memory), ...overlays.all.flatMap((one) => liveOverlay(base, one))];
  const resident = live.map((one) => withFile(runtime, one, files.get(keyOf(one))));
  for (const one of live) files.delete(keyOf(one));
  const kept = [...files.values()].map((entry) => onDisk(runtime, base, entry));
  return [...resident, ...kept];
}

type Live = Pick<SessionInfo, 'kind' | 'id' | 'tokens' | 'state' | 'isDirty' | 'isPrivate'>;

function liveBase({ base, isInPlace }: SessionsInMemory): Live[] {
  if (base.id === undefined) return [];
  const state = isInPlace ? 'mapped' : 'resident';
  const tokens = base.sequence.tokens.length;
  return [{ kind: 'base', id: base.id, tokens, state, isDirty: false, isPrivate: false }];
}

function liveOverlay(base: Base, overlay: Overlay): Live[] {
  const { name, sequence, stable, dirty, isPrivate } = overlay;
  if (sequence === undefined) return [];
  const tokens = Math.max(0, stable - base.sequence.tokens.length);
  const id = overlayId(name);
  return [{ kind: name.kind, id, tokens, state: 'resident', isDirty: dirty, isPrivate }];
}

function withFile(runtime: Runtime, live: Live, entry: SessionEntry | undefined): SessionInfo {
  const reuse = runtime.reuse.of(live);
  return {
    ...live,
    sizeBytes: entry?.manifest.sizeBytes ?? 0,
    resident: true,
    usedAt: Math.max(entry?.usedAt ?? 0, reuse.usedAt) || Date.now(),
    isOutdated: false,
    ...savings(runtime, live, entry),
    ...(entry && { path: entry.path }),
  };
}

function onDisk(runtime: Runtime, base: Base, entry: SessionEntry): SessionInfo {
  const { manifest, path, usedAt } = entry;
  const { kind, tokens, sizeBytes } = manifest;
  const ref = refOf(entry);
  return {
    ...{ ...ref, tokens, sizeBytes, path, resident: false, state: 'onDisk' },
    usedAt: Math.max(usedAt, runtime.reuse.of(ref).usedAt),
    ...{ isDirty: false, isPrivate: false },
    isOutdated: kind !== 'base' && base.id !== undefined && manifest.baseId !== base.id,
    ...savings(runtime, ref, entry),
  };
}

/** By the speed of this engine; by what the session took when it was made, as long as none was measured. */
function savings(
  { reuse, decoder }: Runtime,
  ref: SessionRef,
  entry: SessionEntry | undefined,
): Pick<SessionInfo, 'hits' | 'savedMs'> {
  const { hits, tokens } = reuse.of(ref);
  const { rebuildCostMs = 0, tokens: made = 0 } = entry?.manifest ?? {};
  const msPerToken = decoder.speed.msPerToken ?? (made > 0 ? rebuildCostMs / made : undefined);
  if (tokens === 0) return { hits, savedMs: 0 };
  return msPerToken === undefined ? { hits } : { hits, savedMs: tokens * msPerToken };
}

function refOf({ manifest }: SessionEntry): SessionRef {
  return { kind: manifest.kind, id: sessionId(manifest) };
}

function keyOf({ kind, id }: SessionRef): string {
  return `${kind} ${id}`;
}

/** Document uri, base id or chat id. */
export function sessionId(manifest: SessionEntry['manifest']): string {
  if (manifest.kind === 'base') return manifest.baseId;
  return manifest.kind === 'file' ? manifest.uri : manifest.chatId;
}
