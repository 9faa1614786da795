/** Work that waits until nobody needs the machine. */
import { availableParallelism, loadavg } from 'node:os';
import { powerSource } from '../../base/power.ts';
import type { Activity } from '../activity.ts';

/** How long nobody may have asked or written anything, in ms. */
const restMs = 3_000;
/** How soon a busy machine is looked at again, in ms, and how often before it is done nevertheless. */
const busyMs = 30_000;
const maxBusyTimes = 20;
/** Processes that want a processor for each one there is. */
const busyLoad = 2;

/** `WARMFORK_IDLE_MS` is for tests: so much rest is enough, whatever else the machine does. */
function restFromEnvironment(value = process.env['WARMFORK_IDLE_MS']): number | undefined {
  const ms = Number.parseInt(value ?? '', 10);
  return Number.isFinite(ms) && ms >= 0 ? ms : undefined;
}

/** Runs one thing at a time when there is time for it. What is asked for again meanwhile is done once. */
export class IdleTime {
  readonly #activity: Activity;
  readonly #restMs: number;
  readonly #minds: boolean;
  #timer: NodeJS.Timeout | undefined;
  #dueAt = Infinity;
  #work: (() => Promise<void>) | undefined;
  #busyTimes = 0;
  #isClosed = false;

  constructor(activity: Activity, testRestMs = restFromEnvironment()) {
    this.#activity = activity;
    this.#restMs = testRestMs ?? restMs;
    this.#minds = testRestMs === undefined;
  }

  /** Does `work` when there is rest, in `inMs` at the earliest; what was asked for before is forgotten. */
  plan(work: () => Promise<void>, inMs = 0): void {
    if (this.#isClosed) return;
    const dueAt = performance.now() + inMs;
    if (this.#work === undefined || dueAt < this.#dueAt) this.#dueAt = dueAt;
    this.#work = work;
    this.#arm();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #arm(atLeastMs = 0): void {
    clearTimeout(this.#timer);
    const untilDue = this.#dueAt - performance.now();
    const untilRest = this.#restMs - this.#activity.idleMs;
    const delay = Math.max(untilDue, untilRest, atLeastMs, 0);
    this.#timer = setTimeout(() => void this.#tryNow(), delay).unref();
  }

  async #tryNow(): Promise<void> {
    const work = this.#work;
    if (work === undefined || this.#isClosed) return;
    if (this.#activity.idleMs < this.#restMs) return this.#arm(MIN_RETRY_MS);
    if (this.#minds && this.#busyTimes < maxBusyTimes && (await isMachineNeeded())) {
      this.#busyTimes++;
      return this.#arm(busyMs);
    }
    this.#busyTimes = 0;
    this.#work = undefined;
    this.#dueAt = Infinity;
    await work();
  }
}

const MIN_RETRY_MS = 50;

/** On battery, or when other programs keep all processors busy (Windows tells no load). */
async function isMachineNeeded(): Promise<boolean> {
  if ((loadavg()[0] ?? 0) > busyLoad * availableParallelism()) return true;
  return (await powerSource(process.platform)) === 'battery';
}
