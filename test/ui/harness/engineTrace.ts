import { existsSync, readFileSync } from 'node:fs';
import type { TraceEvent } from '../../../src/engine/trace.ts';
import { until, type UntilOptions } from './until.ts';

export type Traced<E extends TraceEvent['event'] = TraceEvent['event']> = Extract<
  TraceEvent,
  { event: E }
> & { readonly pid: number; readonly at: number };

/** What the engine processes of one session wrote into the file that WARMFORK_TRACE names. */
export class EngineTrace {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  /** All events of one kind so far, oldest first. */
  of<E extends TraceEvent['event']>(kind: E): Traced<E>[] {
    if (!existsSync(this.#file)) return [];
    return readFileSync(this.#file, 'utf8')
      .split('\n')
      .slice(0, -1) // The last piece is empty, or a line still being written.
      .map((line) => JSON.parse(line) as Traced)
      .filter((event): event is Traced<E> => event.event === kind);
  }

  /** The first event of a kind, after the first `skip` of them, that is `wanted`. */
  next<E extends TraceEvent['event']>(
    kind: E,
    wanted: (event: Traced<E>) => boolean = () => true,
    options: UntilOptions & { readonly skip?: number } = {},
  ): Promise<Traced<E>> {
    const ask = () => this.of(kind).slice(options.skip).find(wanted);
    return until(`an engine event "${kind}"`, ask, { timeoutMs: 60_000, ...options });
  }
}
