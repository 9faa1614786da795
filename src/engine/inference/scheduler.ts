/**
 * Who may use the inference thread next. One piece of work runs at a time, the most urgent first, first come first
 * served within a priority. More urgent work interrupts less urgent work that said it can be interrupted.
 */
export type Priority = 'inline' | 'chat' | 'prefetch' | 'upkeep' | 'base';

const priorities: readonly Priority[] = ['inline', 'chat', 'prefetch', 'upkeep', 'base'];

export interface TurnOptions {
  readonly priority: Priority;
  readonly signal?: AbortSignal | undefined;
  /** True for work that ends early and correctly when the running decode is aborted. */
  readonly interruptible?: boolean;
}

interface Waiting {
  readonly rank: number;
  readonly interruptible: boolean;
  readonly start: () => Promise<void>;
}

export class Scheduler {
  readonly #interrupt: () => void;
  readonly #queues: Waiting[][] = priorities.map(() => []);
  #running: Waiting | undefined;

  /** @param interrupt ends the running decode early (`Context.abort`). */
  constructor(interrupt: () => void) {
    this.#interrupt = interrupt;
  }

  /**
   * Runs `work` alone on the inference thread when its turn comes. Rejects with the signal's reason when it is aborted
   * before that; an abort while it runs interrupts the decode and leaves the rest to `work`.
   */
  turn<T>(options: TurnOptions, work: () => Promise<T>): Promise<T> {
    const { signal } = options;
    return new Promise<T>((resolve, reject) => {
      if (signal?.aborted) {
        reject(abortReason(signal));
        return;
      }
      const rank = priorities.indexOf(options.priority);
      const onAbort = (): void => {
        if (this.#running === entry) this.#interruptIf(entry.interruptible);
        else if (this.#remove(entry)) reject(abortReason(signal));
      };
      const entry: Waiting = {
        rank,
        interruptible: options.interruptible ?? false,
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
      this.#queues[rank]?.push(entry);
      if (this.#running !== undefined && this.#running.rank > rank)
        this.#interruptIf(this.#running.interruptible);
      void this.#pump();
    });
  }

  #interruptIf(interruptible: boolean): void {
    if (interruptible) this.#interrupt();
  }

  #remove(entry: Waiting): boolean {
    const queue = this.#queues[entry.rank];
    const index = queue?.indexOf(entry) ?? -1;
    if (index < 0) return false;
    queue?.splice(index, 1);
    return true;
  }

  async #pump(): Promise<void> {
    if (this.#running !== undefined) return;
    for (;;) {
      const next = this.#queues.find((queue) => queue.length > 0)?.shift();
      if (next === undefined) return;
      this.#running = next;
      await next.start();
      this.#running = undefined;
    }
  }
}

function abortReason(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason;
  return reason instanceof Error ? reason : new Error('The request was cancelled.');
}
