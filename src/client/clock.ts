import { toDisposable, type Disposable } from '../base/disposable.ts';

/** Time as the supervisor sees it; tests give their own. */
export interface Clock {
  /** Milliseconds from any fixed point; never goes back. */
  now(): number;
  /** Runs `action` once after `delayMs`, unless disposed before. */
  schedule(action: () => void, delayMs: number): Disposable;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  schedule(action, delayMs) {
    const timer = setTimeout(action, delayMs);
    return toDisposable(() => clearTimeout(timer));
  },
};
