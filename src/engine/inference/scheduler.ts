/**
 * Who may use the inference thread next. One piece of work runs at a time, the most urgent first, first come first
 * served within a priority. More urgent work interrupts less urgent work that said it can be interrupted.
 */
export type Priority = 'inline' | 'inlineElsewhere' | 'chat' | 'prefetch' | 'upkeep' | 'base';

/** `inlineElsewhere`: of a window that is not the one in use. */
const priorities: readonly Priority[] = [
  'inline',
  'inlineElsewhere',
  'chat',
  'prefetch',
  'upkeep',
  'base',
];

const baseRank = priorities.indexOf('base');

export interface TurnOptions {
  readonly priority: Priority;
  readonly signal?: AbortSignal | undefined;
  /** True for work that ends early and correctly when the running decode is aborted. */
  readonly interruptible?: boolean;
}

interface Waiting {
  readonly rank: number;
  /** Ends its decode early; it can be started again. */
  readonly interrupt: () => void;
  readonly start: () => Promise<void>;
}

/** What waits for the inference thread, and what runs on it. One for all engines of a process. */
export class TurnQueue {
  readonly #queues: Waiting[][] = priorities.map(() => []);
  #running: Waiting | undefined;
  /** How many of those somebody waits for are under way, between their turns too. */
  #urgent = 0;

  /** No turn of the base begins while `work` runs: each would be interrupted by the next turn of `work`, for nothing. */
  async withoutBase<T>(work: () => Promise<T>): Promise<T> {
    this.#urgent++;
    try {
      return await work();
    } finally {
      this.#urgent--;
      void this.#pump();
    }
  }

  add(entry: Waiting): void {
    this.#queues[entry.rank]?.push(entry);
    if (this.#running !== undefined && this.#running.rank > entry.rank) this.#running.interrupt();
    void this.#pump();
  }

  /** Ends it early if it runs. Otherwise it will not run; true then. */
  cancel(entry: Waiting): boolean {
    if (this.#running === entry) entry.interrupt();
    const queue = this.#queues[entry.rank];
    const index = queue?.indexOf(entry) ?? -1;
    if (index >= 0) queue?.splice(index, 1);
    return index >= 0;
  }

  #next(): Waiting | undefined {
    const queues = this.#urgent > 0 ? this.#queues.slice(0, baseRank) : this.#queues;
    return queues.find((queue) => queue.length > 0)?.shift();
  }

  async #pump(): Promise<void> {
    if (this.#running !== undefined) return;
    for (;;) {
      const next = this.#next();
      if (next === undefined) return;
      this.#running = next;
      await next.start();
      this.#running = undefined;
    }
  }
}

export class Scheduler {
  readonly #interrupt: () => void;
  readonly #queue: TurnQueue;

  /**
   * @param interrupt ends the running decode of this engine early (`Context.abort`)
   * @param queue shared with the other engines of the process
   */
  constructor(interrupt: () => void, queue: TurnQueue = new TurnQueue()) {
    this.#interrupt = interrupt;
    this.#queue = queue;
  }

  /** See {@link TurnQueue.withoutBase}. `work` must not wait for a turn of the base. */
  withoutBase<T>(work: () => Promise<T>): Promise<T> {
    return this.#queue.withoutBase(work);
  }

  /**
   * Runs `work` alone on the inference thread when its turn comes. Rejects with the signal's reason when it is aborted
   * before that; an abort while it runs interrupts the decode and leaves the rest to `work`.
   */
  turn<T>(options: TurnOptions, work: () => Promise<T>): Promise<T> {
    const { signal, interruptible = false } = options;
    return new Promise<T>((resolve, reject) => {
      if (signal?.aborted) {
        reject(abortReason(signal));
        return;
      }
      const onAbort = (): void => {
        if (this.#queue.cancel(entry)) reject(abortReason(signal));
      };
      const entry: Waiting = {
        rank: priorities.indexOf(options.priority),
        interrupt: interruptible ? this.#interrupt : () => undefined,
        start: async () => {
          try {
            resolve(await work());
          } catch (error) {
            reject(error);
          } finally {
            signal?.removeEventListener('abort', onAbort);
          }
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#queue.add(entry);
    });
  }
}

function abortReason(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason;
  return reason instanceof Error ? reason : new Error('The request was cancelled.');
}
