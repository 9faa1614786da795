/**
 * Forks of a base: what a request waits for to have one (it takes one that is ready), beside making it; and the memory
 * of many. The bytes are Linux's to tell.
 */
import process from 'node:process';
import type { Base } from '../../in-place/jobs.ts';
import type { Worker } from '../../in-place/workerClient.ts';
import type { ResultRow } from '../../lib/result.ts';
import { baseLengths, withBase } from '../bases.ts';
import type { Bench } from '../part.ts';
import { measuredRow } from '../row.ts';

const context = 'only';
const forks = 24;
/** Needs a larger context than the others. */
const longest = { nCtx: 34 * 1024, nTokens: 32 * 1024 };

export async function forkPart(bench: Bench): Promise<ResultRow[]> {
  const { nCtx, lengths } = baseLengths(bench);
  const sizes = lengths.map((nTokens) => ({ nCtx, nTokens }));
  const all = bench.quick ? sizes : [...sizes, longest];
  const rows: ResultRow[] = [];
  for (const size of all)
    rows.push(...(await withBase(bench, size, (worker, base) => rowsOf(worker, base))));
  return rows;
}

async function rowsOf(worker: Worker, base: Base): Promise<ResultRow[]> {
  await worker.ask({ kind: 'open', base, way: 'place', context });
  // The first fork and its removal allocate what later ones use again.
  await forkAll(worker);
  await removeAll(worker);
  const before = await cellsKib(worker, base);
  const made = await forkAll(worker);
  const after = await cellsKib(worker, base);
  await removeAll(worker);
  const { nTokens } = base;
  const { ms } = await worker.ask({ kind: 'takeForks', context, nTokens, count: forks });
  const length = `${base.nTokens.toLocaleString('en')} tokens`;
  return [
    measuredRow({
      ...{ name: `fork of a base of ${length}`, unit: 'ms', ours: ms },
      ...{ peers: { llama_memory_seq_cp: made }, against: 'llama_memory_seq_cp' },
      goal: { kind: 'atMost', value: 0.2 },
    }),
    ...(before === undefined || after === undefined
      ? []
      : [
          measuredRow({
            ...{ name: `memory that ${forks} forks of ${length} add to the cells`, unit: 'KiB' },
            ...{ ours: [after - before], goal: { kind: 'atMost', value: 0 } },
          }),
        ]),
  ];
}

async function forkAll(worker: Worker): Promise<number[]> {
  const times: number[] = [];
  for (let sequence = 1; sequence <= forks; sequence++)
    times.push(await worker.time({ kind: 'fork', context, sequence }));
  return times;
}

async function removeAll(worker: Worker): Promise<void> {
  for (let sequence = 1; sequence <= forks; sequence++)
    await worker.ask({ kind: 'remove', context, sequence });
}

/** Pages of the cells that this process has for itself. */
async function cellsKib(worker: Worker, base: Base): Promise<number | undefined> {
  if (process.platform !== 'linux') return undefined;
  return (await worker.ask({ kind: 'memory', base })).memory?.image.privateDirty;
}
