import type { Clock } from './clock.ts';
import type { EngineExit } from './engineLink.ts';

/** What a person reads about the end of an engine. */
export function describeExit(exit: EngineExit): string {
  if (exit.error) return `The engine could not be started: ${exit.error.message}.`;
  if (exit.isLost) return 'The connection to the engine was lost.';
  if (exit.signal) return `The engine was ended by ${exit.signal}.`;
  return `The engine ended with code ${exit.code ?? 'unknown'}.`;
}

export function describeFailure(error: unknown): string {
  return `The engine could not start: ${error instanceof Error ? error.message : String(error)}`;
}

/** True when the promise resolved within the time. */
export function withLimit(
  promise: Promise<unknown>,
  limitMs: number,
  clock: Clock,
): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = clock.schedule(() => resolve(false), limitMs);
    void promise.then(() => {
      timer.dispose();
      resolve(true);
    });
  });
}
