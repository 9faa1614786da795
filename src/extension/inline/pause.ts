import type { Clock } from '../../client/clock.ts';

/** Resolves to true after the time, to false as soon as the signal aborts. Leaves neither timer nor listener. */
export function pause(delayMs: number, signal: AbortSignal, clock: Clock): Promise<boolean> {
  if (signal.aborted) return Promise.resolve(false);
  if (delayMs <= 0) return Promise.resolve(true);
  return new Promise((resolve) => {
    const settle = (isOver: boolean): void => {
      timer.dispose();
      signal.removeEventListener('abort', stop);
      resolve(isOver);
    };
    const stop = (): void => settle(false);
    const timer = clock.schedule(() => settle(true), delayMs);
    signal.addEventListener('abort', stop, { once: true });
  });
}

/** What the work comes to; undefined as soon as the signal aborts. The work must not reject. */
export function orLeft<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  if (signal.aborted) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const leave = (): void => resolve(undefined);
    signal.addEventListener('abort', leave, { once: true });
    void work.then((value) => {
      signal.removeEventListener('abort', leave);
      resolve(value);
    });
  });
}
