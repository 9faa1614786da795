import { availableParallelism, loadavg } from 'node:os';
import process from 'node:process';
import type { Clock } from '../../client/clock.ts';
import type { PauseReason } from '../settings.ts';
import { powerSource, type PowerSource } from '../../base/power.ts';

/** How long a measurement counts, in ms. */
const freshMs = 30_000;
/** Waiting programs per processor: the engine alone causes one. */
const busyLoad = 1.5;

export interface Machine {
  readonly power: () => Promise<PowerSource | undefined>;
  /** Programs that run or wait, per processor; 0 where the platform does not tell. */
  readonly load: () => number;
}

export const thisMachine: Machine = {
  power: () => powerSource(process.platform),
  load: () => (loadavg()[0] ?? 0) / availableParallelism(),
};

/** Whether this machine should be spared. Answers at once, from what was measured last. */
export class PauseWatch {
  readonly #clock: Clock;
  readonly #machine: Machine;
  #power: PowerSource | undefined;
  #measuredMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, machine: Machine = thisMachine) {
    this.#clock = clock;
    this.#machine = machine;
  }

  pausedBy(pauseOn: readonly PauseReason[]): PauseReason | undefined {
    if (pauseOn.includes('battery')) {
      void this.measure();
      if (this.#power === 'battery') return 'battery';
    }
    return pauseOn.includes('load') && this.#machine.load() > busyLoad ? 'load' : undefined;
  }

  /** Looks at the battery again, unless that was done lately. */
  async measure(): Promise<void> {
    const nowMs = this.#clock.now();
    if (nowMs - this.#measuredMs < freshMs) return;
    this.#measuredMs = nowMs;
    this.#power = await this.#machine.power();
  }
}
