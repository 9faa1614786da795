/** What a person can do with single sessions, and where everything is that the engine keeps. */
import type { SessionInfo } from './status.ts';

export interface SessionRef {
  readonly kind: SessionInfo['kind'];
  /** Document uri of a file session, id of a base or chat. */
  readonly id: string;
}

export interface ExportSessionParams extends SessionRef {
  /** Absolute; a file that is there is replaced. */
  readonly path: string;
}

/** A session file that llama.cpp reads by itself, complete with what the session stands on. */
export interface ExportedSession {
  readonly path: string;
  readonly tokens: number;
  readonly bytes: number;
  /** `context`: for `llama_state_load_file`. `sequence`: for `llama_state_seq_load_file`. */
  readonly format: 'context' | 'sequence';
}

export interface SessionVerdict {
  /** In words; absent when the file is what was written. */
  readonly problem?: string;
}

/** The cells of the context and who has them. What they share is counted where it was first. */
export interface CellsInUse {
  readonly total: number;
  /** Base, files, chats; none is empty. The rest of the cells is free. */
  readonly spans: readonly CellSpan[];
}

export interface CellSpan extends SessionRef {
  readonly cells: number;
}

/** Everything that is kept of anybody's source code, and how much it takes. */
export interface CacheLedger {
  /** The cache directory; absent when nothing is kept. */
  readonly root?: string;
  readonly sessions: readonly LedgerSession[];
  /** Files that are no session: what was found out about projects, refused sessions that are kept aside. */
  readonly others: readonly LedgerFile[];
  /** Size of all of that. */
  readonly diskBytes: number;
  readonly budgetBytes: number;
  readonly cells: CellsInUse;
  readonly memory: EngineMemory;
}

export interface LedgerSession extends SessionRef {
  /** Absolute. */
  readonly path: string;
  readonly tokens: number;
  /** With its manifest and everything that is derived from it. */
  readonly bytes: number;
  readonly usedAt: number;
  /** `here`: of this workspace and model. */
  readonly owner: 'here' | 'otherModel' | 'otherWorkspace';
  /** Key of the workspace it belongs to, where that can be read. */
  readonly workspace?: string;
}

export interface LedgerFile {
  readonly path: string;
  readonly bytes: number;
  readonly what: 'projectFacts' | 'rejected' | 'other';
}

export interface EngineMemory {
  readonly bytes: number;
  /** `private`: what no other process shares. `resident`: where that is not told apart, everything in memory. */
  readonly kind: 'private' | 'resident';
}
