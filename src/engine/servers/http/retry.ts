/** When a request that failed before its answer began is made again. */
import type { ServerError } from '../serverError.ts';

export interface RetryPolicy {
  /** Requests in all, the first one counted. */
  readonly attempts: number;
  /** Pause before the second, in ms; doubled for each that follows. */
  readonly pauseMs: number;
  /** A server that wants a longer pause is away. */
  readonly longestPauseMs: number;
}

/** Who types has gone on before a long pause is over. */
export const completionRetries: RetryPolicy = { attempts: 2, pauseMs: 150, longestPauseMs: 1_000 };
export const chatRetries: RetryPolicy = { attempts: 4, pauseMs: 500, longestPauseMs: 20_000 };
export const noRetries: RetryPolicy = { attempts: 1, pauseMs: 0, longestPauseMs: 0 };

/** Pause before the next attempt; undefined: there is none. `made`: requests that were made. */
export function pauseBefore(
  error: ServerError,
  made: number,
  policy: RetryPolicy,
): number | undefined {
  if (error.fault !== 'away' || made >= policy.attempts) return undefined;
  const wanted = Math.max(error.retryAfterMs ?? 0, policy.pauseMs * 2 ** (made - 1));
  return wanted <= policy.longestPauseMs ? wanted : undefined;
}

/** Of a `Retry-After` header: seconds or a date. */
export function retryAfterMs(header: string | undefined, nowMs = Date.now()): number | undefined {
  if (header === undefined || header.trim() === '') return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}
