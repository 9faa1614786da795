import type { Removal } from './eviction.ts';

/** How to open a {@link SessionStore}. */
export interface StoreOptions {
  /** Cache directory, shared by all windows, workspaces and models of this user. */
  readonly root: string;
  readonly fingerprint: string;
  /** Stable key of the workspace, such as its folder URIs. Sessions never cross workspaces. */
  readonly workspace: string;
  /** Limit for everything below `root`. */
  readonly budgetBytes: number;
  /** Keep rejected sessions aside (`.rejected`) instead of removing them. */
  readonly keepRejected: boolean;
  readonly log: (message: string) => void;
  /** The time, ms since 1970. */
  readonly now: () => number;
  /** For tests: called when a step of publishing or committing is done. */
  readonly onStep?: (step: StoreStep) => void;
}

/** The steps between which a crash must leave a session absent or valid. */
export type StoreStep = 'synced' | 'renamed' | 'described';

/** What the engine knows about a session it has written. */
export interface SessionFacts {
  /** The base itself, or the base an overlay stands on. */
  readonly baseId: string;
  readonly tokens: number;
  readonly tokensHash: string;
  /** Exact length of the session, as saving returned it. */
  readonly sizeBytes: number;
  readonly checksum: string;
  readonly engineVersion: string;
  readonly rebuildCostMs: number;
  /** A base of which more is being evaluated: it goes when that is there. */
  readonly unfinished?: true | undefined;
}

/** Where a base and what is derived from it lie. */
export interface BaseFiles {
  readonly path: string;
  /** A fresh name to build the base in, on the same file system. */
  readonly temporaryPath: string;
  readonly cellsPath: string;
  readonly metaPath: string;
}

/** Sizes on disk. */
export interface DiskUsage {
  /** Everything below the cache directory, and the part of this workspace under this fingerprint. */
  readonly bytes: number;
  readonly workspaceBytes: number;
  readonly sessions: number;
  readonly budgetBytes: number;
}

/** Outcome of {@link SessionStore.evict}. */
export interface Eviction extends Removal {
  readonly orphans: number;
  /** Size of the cache afterwards; above the budget only if everything left is protected. */
  readonly bytesLeft: number;
}
