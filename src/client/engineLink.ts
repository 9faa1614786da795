import type { MessageConnection } from 'vscode-jsonrpc/node';

export interface EngineExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The process could not be started, or not be reached, at all. */
  readonly error?: Error;
  /** The connection ended; how the process did is not known. */
  readonly isLost?: boolean;
}

/** A way to an engine process, of this window alone or shared with others. */
export interface EngineLink {
  /** Requests may be sent at once; they arrive when the engine is there. */
  readonly connection: MessageConnection;
  /** Settles when there is no more way to it and every request is settled. Never rejects. */
  readonly gone: Promise<EngineExit>;
  /** Undefined until it is there. */
  readonly pid: number | undefined;
  /** The last lines it wrote outside of the protocol. */
  readonly lastOutput: string;
  /** Ends the process at once, for all that use it: it hangs, and gets no time to save. */
  kill(): void;
  /** This window wants nothing more of it and does not wait. */
  abandon(): void;
  /** Hangs up: the engine saves what is dirty. The host need not wait. */
  release(): void;
}
