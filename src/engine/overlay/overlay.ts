/**
 * An overlay: what one document or one chat adds on top of the base. Resident while it has a sequence, otherwise in its
 * session file, otherwise nowhere.
 */
import type { OverlayName } from '../../cache/sessionName.ts';
import type { Anchor } from '../prompt/anchor.ts';
import type { Sequence } from '../inference/sequences.ts';

export interface Overlay {
  readonly name: OverlayName;
  /** Its cells, base included. */
  sequence: Sequence | undefined;
  /** Tokens of the sequence worth keeping, base included; what stands behind them was only tried. */
  stable: number;
  /** Its file does not have what `sequence` has. */
  dirty: boolean;
  /** False once its file was looked for. */
  fileUnread: boolean;
  /** Requests that use it now; it is not detached meanwhile. */
  users: number;
  /** Order of last use. */
  usedAt: number;
  /** How long its tokens took to evaluate, in ms. */
  costMs: number;
  /** Where the parts of a document's prompt begin. */
  anchor: Anchor | undefined;
  /** Places in the document that a person may come back to, the last one first. In memory only. */
  former: readonly FormerPlace[];
  /** A better place is being evaluated in the background. */
  isRefreshing: boolean;
  /** Never written to a file. */
  isPrivate: boolean;
}

export interface FormerPlace {
  readonly anchor: Anchor;
  readonly sequence: Sequence;
  readonly stable: number;
}

export function newOverlay(name: OverlayName): Overlay {
  return {
    name,
    sequence: undefined,
    stable: 0,
    dirty: false,
    fileUnread: true,
    users: 0,
    usedAt: 0,
    costMs: 0,
    anchor: undefined,
    former: [],
    isRefreshing: false,
    isPrivate: false,
  };
}

export function overlayKey(name: OverlayName): string {
  return name.kind === 'file' ? `file ${name.uri}` : `chat ${name.chatId}`;
}

/** The uri or chat id. */
export function overlayId(name: OverlayName): string {
  return name.kind === 'file' ? name.uri : name.chatId;
}
