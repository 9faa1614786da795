import type { Clock } from '../../../client/clock.ts';

/** What the work comes to, or undefined when that takes too long or fails. The work goes on unheard. */
export function withTimeout<T>(
  work: PromiseLike<T>,
  timeoutMs: number,
  clock: Clock,
): Promise<T | undefined> {
  return new Promise((resolve) => {
    const timer = clock.schedule(() => resolve(undefined), timeoutMs);
    const settle = (value: T | undefined): void => {
      timer.dispose();
      resolve(value);
    };
    work.then(settle, () => settle(undefined));
  });
}
