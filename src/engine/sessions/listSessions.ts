import type { SessionEntry } from '../../cache/sessionEntry.ts';
import type { SessionInfo } from '../../protocol/status.ts';
import type { Base } from '../base/base.ts';
import { overlayId } from '../overlay/overlay.ts';
import type { Overlays } from '../overlay/overlays.ts';
import type { Runtime } from '../runtime.ts';

/** What is in the context and what is on disk for this workspace, as one list: base first, then by last use. */
export async function listSessions(
  runtime: Runtime,
  base: Base,
  overlays: Overlays,
): Promise<readonly SessionInfo[]> {
  const files = new Map<string, SessionEntry>();
  for (const entry of (await runtime.persistence?.store.list()) ?? [])
    files.set(keyOf(entry), entry);
  const sessions: SessionInfo[] = [];
  const start = base.sequence.tokens.length;
  if (base.id !== undefined) sessions.push(merge(files, 'base', base.id, start));
  for (const { name, sequence, stable } of overlays.all)
    if (sequence !== undefined)
      sessions.push(merge(files, name.kind, overlayId(name), Math.max(0, stable - start)));
  for (const entry of files.values()) sessions.push(onDisk(entry));
  return sessions;
}

/** A resident session, with the size of its file if it has one. Takes that file off the list. */
function merge(
  files: Map<string, SessionEntry>,
  kind: SessionInfo['kind'],
  id: string,
  tokens: number,
): SessionInfo {
  const key = `${kind} ${id}`;
  const entry = files.get(key);
  files.delete(key);
  const sizeBytes = entry?.manifest.sizeBytes ?? 0;
  return { kind, id, tokens, sizeBytes, resident: true, usedAt: entry?.usedAt ?? Date.now() };
}

function onDisk({ manifest, usedAt }: SessionEntry): SessionInfo {
  const { kind, tokens, sizeBytes } = manifest;
  return { kind, id: sessionId(manifest), tokens, sizeBytes, resident: false, usedAt };
}

function keyOf({ manifest }: SessionEntry): string {
  return `${manifest.kind} ${sessionId(manifest)}`;
}

/** Document uri, base id or chat id. */
export function sessionId(manifest: SessionEntry['manifest']): string {
  if (manifest.kind === 'base') return manifest.baseId;
  return manifest.kind === 'file' ? manifest.uri : manifest.chatId;
}
