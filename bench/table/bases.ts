/** Bases in files for the parts that measure the native layer alone. */
import { join } from 'node:path';
import process from 'node:process';
import { Bases } from '../in-place/bases.ts';
import { threadsVariable } from '../in-place/engine.ts';
import type { Base, Job } from '../in-place/jobs.ts';
import { withWorker, type Worker } from '../in-place/workerClient.ts';
import type { Bench } from './part.ts';

const k = 1024;

/** Lengths of bases, in tokens, the longest last; and cells of the contexts they are opened in. */
export function baseLengths({ quick }: Bench): { nCtx: number; lengths: readonly number[] } {
  return quick
    ? { nCtx: 4 * k, lengths: [k, 2 * k] }
    : { nCtx: 32 * k, lengths: [k, 4 * k, 16 * k] };
}

/** A worker process with the model loaded, and a base of `nTokens`. Bases stay for the parts after this one. */
export async function withBase<T>(
  bench: Bench,
  { nCtx, nTokens }: { readonly nCtx: number; readonly nTokens: number },
  use: (worker: Worker, base: Base) => Promise<T>,
): Promise<T> {
  process.env[threadsVariable] = String(bench.threads); // what is started below has it, too
  const base = await new Bases(bench.model, join(bench.folder, 'bases')).make('f16', nCtx, nTokens);
  return withWorker(async (worker) => {
    await worker.ask({ kind: 'loadModel', base });
    return use(worker, base);
  });
}

/** Times of a job that is done again and again; what comes first is not counted: it warms up. */
export async function timesOf(worker: Worker, runs: number, job: Job): Promise<number[]> {
  const times: number[] = [];
  for (let run = 0; run <= runs; run++) {
    const ms = await worker.time(job);
    if (run > 0) times.push(ms);
  }
  return times;
}
