import type { Disposable } from '../../base/disposable.ts';
import type { Clock } from '../../client/clock.ts';

export interface SnoozeState {
  /** Time of day; absent: until VS Code starts again. */
  readonly until: string | undefined;
}

/** Keeps suggestions away for a while. Not kept beyond the window. */
export class Snooze implements Disposable {
  readonly #clock: Clock;
  readonly #onChange: () => void;
  #state: SnoozeState | undefined;
  #timer: Disposable | undefined;

  constructor(clock: Clock, onChange: () => void) {
    this.#clock = clock;
    this.#onChange = onChange;
  }

  get state(): SnoozeState | undefined {
    return this.#state;
  }

  /** `minutes` absent: until VS Code starts again. */
  start(minutes: number | undefined, now = new Date()): void {
    this.#timer?.dispose();
    this.#state = { until: minutes === undefined ? undefined : timeAfter(now, minutes) };
    if (minutes !== undefined) {
      this.#timer = this.#clock.schedule(() => this.end(), minutes * 60_000);
    }
    this.#onChange();
  }

  end(): void {
    this.#timer?.dispose();
    this.#state = undefined;
    this.#onChange();
  }

  dispose(): void {
    this.#timer?.dispose();
  }
}

/** Hours and minutes, as the person reads them. */
function timeAfter(now: Date, minutes: number): string {
  const time = new Date(now.getTime() + minutes * 60_000);
  return time.toLocaleTimeString([], { hour: 'numeric', minute: '2-digit' });
}
