/** What verifying the session files found. */

export interface SessionReport {
  /** The cache directory. */
  readonly root: string;
  /** The sessions of this workspace under the present model, each read to the end. */
  readonly sessions: readonly VerifiedSession[];
  /** What is not as it should be, anywhere in the cache directory. */
  readonly problems: readonly SessionProblem[];
  /** Size of the whole cache, and what it may take. */
  readonly bytes: number;
  readonly budgetBytes: number;
}

export interface VerifiedSession {
  readonly kind: 'base' | 'file' | 'chat';
  /** Document uri of a file session, id of a base or chat. */
  readonly id: string;
  /** Relative to the cache directory. */
  readonly path: string;
  readonly tokens: number;
  readonly sizeBytes: number;
  readonly usedAt: number;
  /** In words; absent when all is well. */
  readonly problem?: string;
}

export interface SessionProblem {
  /** Relative to the cache directory. */
  readonly path: string;
  readonly problem: string;
}
