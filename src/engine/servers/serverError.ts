/**
 * `away`: it cannot be reached, is silent or overloaded: it may be back later. `refused`: it does not want us (key,
 * permission) or we do not want it (a key over an open connection). `request`: this one request is not to its liking.
 * `cut`: it hung up within its answer. `broken`: its answer cannot be understood.
 */
export type ServerFault = 'away' | 'refused' | 'request' | 'cut' | 'broken';

/** What went wrong with a server, in a sentence that says what, where and what to do. */
export class ServerError extends Error {
  readonly code = 'ERR_WARMFORK_SERVER';
  readonly fault: ServerFault;
  /** HTTP status, where there was an answer. */
  readonly status: number | undefined;
  /** How long the server wants to be left alone, in ms. */
  readonly retryAfterMs: number | undefined;

  constructor(
    fault: ServerFault,
    message: string,
    details: { status?: number; retryAfterMs?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause: details.cause });
    this.name = 'ServerError';
    this.fault = fault;
    this.status = details.status;
    this.retryAfterMs = details.retryAfterMs;
  }
}
