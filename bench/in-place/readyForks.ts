/** What a request waits for to get a fork of the base: one that is ready, as the engine takes it. */
import type { Context } from '../../native/index.d.ts';
import { newCounters } from '../../src/engine/counters.ts';
import { ContextSlot } from '../../src/engine/inference/contextSlot.ts';
import { Gate } from '../../src/engine/inference/gate.ts';
import { ReadyForks } from '../../src/engine/inference/readyForks.ts';
import { Scheduler } from '../../src/engine/inference/scheduler.ts';
import { type Sequence, SequencePool } from '../../src/engine/inference/sequences.ts';

/** Times in ms of so many forks taken, one after the other, each when nothing is left to be made ready; all are given back at the end. */
export async function takeForks(
  context: Context,
  nTokens: number,
  count: number,
): Promise<readonly number[]> {
  const counters = newCounters();
  const pool = new SequencePool(new ContextSlot(context), counters);
  const scheduler = new Scheduler(() => context.abort());
  const base = { sequence: pool.acquire(), id: undefined };
  for (let position = 0; position < nTokens; position++) base.sequence.tokens.push(position);
  const runtime = { pool, counters, scheduler, gate: new Gate(), log: () => undefined };
  const ready = new ReadyForks(runtime, base);
  const areReady = (): boolean => counters.readyForksMade - counters.readyForksTaken >= 2;
  ready.refillSoon();
  const taken: Sequence[] = [];
  const times: number[] = [];
  for (let fork = 0; fork < count; fork++) {
    while (!areReady()) await new Promise(setImmediate);
    const began = performance.now();
    taken.push(
      await scheduler.turn({ priority: 'inline' }, () => ready.fork(base.sequence, nTokens)),
    );
    times.push(performance.now() - began);
  }
  // What makes the next ones ready is behind this.
  await runtime.gate.exclusive(async () => {
    await ready.drop();
    for (const sequence of taken) await pool.release(sequence);
  });
  if (counters.forks > 0) throw new Error(`${counters.forks} forks were copied, not taken`);
  return times;
}
