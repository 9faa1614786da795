import {
  CancellationTokenSource,
  ConnectionError,
  ErrorCodes,
  ResponseError,
  type CancellationToken,
} from 'vscode-jsonrpc/node';
import { EngineError, EngineGoneError } from './engineError.ts';

/** Code of an engine's answer to a request that was cancelled (as in the language server protocol). */
const requestCancelled = -32800;

/** Sends one request: the signal becomes a token, and every failure becomes an `EngineError`. */
export async function exchange<R>(
  send: (token: CancellationToken) => Promise<R>,
  signal: AbortSignal | undefined,
): Promise<R> {
  const source = new CancellationTokenSource();
  const cancel = (): void => source.cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    return await send(source.token);
  } catch (error) {
    if (signal?.aborted && isCancelled(error)) throw abortReason(signal);
    throw toEngineError(error);
  } finally {
    signal?.removeEventListener('abort', cancel);
    source.dispose();
  }
}

/** Settles as soon as the signal aborts, whatever the engine does meanwhile. */
export function orAborted<R>(work: Promise<R>, signal: AbortSignal | undefined): Promise<R> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(abortReason(signal));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    const done = work.finally(() => signal.removeEventListener('abort', abort));
    done.then(resolve, reject);
  });
}

export function abortReason(signal: AbortSignal): Error {
  const reason: unknown = signal.reason;
  return reason instanceof Error ? reason : new Error('Cancelled.', { cause: reason });
}

function isCancelled(error: unknown): boolean {
  return error instanceof ResponseError && error.code === requestCancelled;
}

function toEngineError(error: unknown): Error {
  if (error instanceof ResponseError) {
    return isLost(error.code)
      ? new EngineGoneError(undefined, { cause: error })
      : new EngineError('ERR_WARMFORK_ENGINE_ANSWER', error.message, { cause: error });
  }
  if (error instanceof ConnectionError) return new EngineGoneError(undefined, { cause: error });
  return error instanceof Error ? error : new Error(String(error));
}

function isLost(code: number): boolean {
  return code === ErrorCodes.PendingResponseRejected || code === ErrorCodes.MessageWriteError;
}
