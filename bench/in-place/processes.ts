/** What several windows on one project cost: processes that all have the same base. */
import { markdownTable, shown } from '../lib/result.ts';
import { sum } from '../lib/statistics.ts';
import type { Bases } from './bases.ts';
import type { Base, KvType, Way } from './jobs.ts';
import type { KvMemory } from './smaps.ts';
import { Worker } from './workerClient.ts';

export interface ProcessesResult {
  readonly kvType: KvType;
  readonly nTokens: number;
  readonly way: Way;
  readonly nProcesses: number;
  /** Of one of them on the average, as they are all there; shared pages count by their share. */
  readonly imagePssMib: number;
  readonly imageRssMib: number;
  readonly processPssMib: number;
  readonly totalPssMib: number;
  /** Of one of them: memory that is of no file and hence nobody else's. */
  readonly processAnonymousMib: number;
}

export async function measureProcesses(
  bases: Bases,
  kvType: KvType,
  plan: { readonly nCtx: number; readonly nTokens: number; readonly counts: readonly number[] },
): Promise<ProcessesResult[]> {
  const base = await bases.make(kvType, plan.nCtx, plan.nTokens);
  const results: ProcessesResult[] = [];
  for (const way of ['place', 'map'] as const)
    results.push(...(await measureGrowing(base, way, plan.counts)));
  return results;
}

/** More and more of them, all alive, all having read every cell of the base. */
async function measureGrowing(
  base: Base,
  way: Way,
  counts: readonly number[],
): Promise<ProcessesResult[]> {
  const workers: Worker[] = [];
  const results: ProcessesResult[] = [];
  try {
    for (const count of counts) {
      while (workers.length < count) {
        const worker = new Worker();
        workers.push(worker);
        await useBase(worker, base, way);
      }
      results.push(summary(base, way, await memoryOf(workers, base)));
      console.error(results.at(-1)); // these runs are long
    }
  } finally {
    await Promise.all(workers.map((worker) => worker.end()));
  }
  return results;
}

async function useBase(worker: Worker, base: Base, way: Way): Promise<void> {
  const context = 'only';
  await worker.ask({ kind: 'open', base, way, context });
  await worker.ask({ kind: 'fork', context, sequence: 1 });
  await worker.ask({ kind: 'decode', context, sequence: 1, nTokens: 8, batch: 1 });
}

async function memoryOf(workers: readonly Worker[], base: Base): Promise<KvMemory[]> {
  const all: KvMemory[] = [];
  for (const worker of workers) {
    const { memory } = await worker.ask({ kind: 'memory', base });
    if (memory !== undefined) all.push(memory);
  }
  return all;
}

function summary(base: Base, way: Way, memory: readonly KvMemory[]): ProcessesResult {
  const nProcesses = memory.length;
  const mib = (of: (one: KvMemory) => number): number => sum(memory.map(of)) / 1024;
  return {
    ...{ kvType: base.kvType, nTokens: base.nTokens, way, nProcesses },
    imagePssMib: mib((one) => one.image.pss) / nProcesses,
    imageRssMib: mib((one) => one.image.rss) / nProcesses,
    processPssMib: mib((one) => one.process.pss) / nProcesses,
    totalPssMib: mib((one) => one.process.pss),
    processAnonymousMib: mib((one) => one.process.anonymous) / nProcesses,
  };
}

export function processesTable(results: readonly ProcessesResult[]): string {
  const head = [
    ...['K/V', 'processes', 'image: Rss each, MiB', 'image: Pss each, MiB'],
    ...['in place: anonymous each, MiB', 'all, MiB', 'copied: anonymous each, MiB', 'all, MiB'],
  ];
  const rows = results
    .filter((one) => one.way === 'place')
    .map((one) => {
      const copied = results.find(
        (other) =>
          other.way === 'map' && other.nProcesses === one.nProcesses && other.kvType === one.kvType,
      );
      const image = [one.imageRssMib, one.imagePssMib];
      const inPlace = [one.processAnonymousMib, one.totalPssMib];
      const values = [...image, ...inPlace, copied?.processAnonymousMib, copied?.totalPssMib];
      return [one.kvType, String(one.nProcesses), ...values.map(shown)];
    });
  return markdownTable(head, rows);
}
