import type { Disposable } from '../../base/disposable.ts';
import { toDisposable } from '../../base/disposable.ts';

/** Time as pauses and health checks see it; tests give their own. */
export interface ServerClock {
  /** Milliseconds from any fixed point; never goes back. */
  now(): number;
  /** Runs `action` once after `delayMs`, unless disposed before. Keeps no process alive. */
  schedule(action: () => void, delayMs: number): Disposable;
}

export const serverClock: ServerClock = {
  now: () => performance.now(),
  schedule(action, delayMs) {
    const timer = setTimeout(action, delayMs).unref();
    return toDisposable(() => clearTimeout(timer));
  },
};

/** Rejects with the signal's reason when that comes first. */
export function pause(clock: ServerClock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason as Error);
    const onAbort = (): void => {
      waiting.dispose();
      reject(signal.reason as Error);
    };
    const waiting = clock.schedule(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, delayMs);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
