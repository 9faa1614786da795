import type { Disposable } from '../../base/disposable.ts';
import type { Clock } from '../../client/clock.ts';

/** Changes that come in a row lead to one refresh. */
const settleMs = 150;

/** Refreshes what shows soon after something has changed, once for many changes, and only while somebody can see it. */
export class LazyRefresh implements Disposable {
  readonly #refresh: () => void;
  readonly #clock: Clock;
  #timer: Disposable | undefined;
  #isVisible = false;
  #isStale = true;

  constructor(clock: Clock, refresh: () => void) {
    this.#clock = clock;
    this.#refresh = refresh;
  }

  setVisible(isVisible: boolean): void {
    this.#isVisible = isVisible;
    if (!isVisible) this.#stop();
    else if (this.#isStale) this.#now();
  }

  /** Something has changed. */
  changed(): void {
    this.#isStale = true;
    if (this.#isVisible) this.#timer ??= this.#clock.schedule(() => this.#now(), settleMs);
  }

  dispose(): void {
    this.#isVisible = false;
    this.#stop();
  }

  #now(): void {
    this.#stop();
    this.#isStale = false;
    this.#refresh();
  }

  #stop(): void {
    this.#timer?.dispose();
    this.#timer = undefined;
  }
}
