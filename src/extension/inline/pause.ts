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
