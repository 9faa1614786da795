/** What several windows on one project cost: processes that all have the same base. */
import { markdownTable, shown } from '../lib/result.ts';
import { sum } from '../lib/statistics.ts';
import type { Bases } from './bases.ts';
import type { KvType, Way } from './jobs.ts';
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
}

export async function measureProcesses(
  bases: Bases,
  kvType: KvType,
  plan: { readonly nCtx: number; readonly nTokens: number; readonly counts: readonly number[] },
): Promise<ProcessesResult[]> {
  const base = await bases.make(kvType, plan.nCtx, plan.nTokens);
  const results: ProcessesResult[] = [];
  for (const way of ['place', 'map'] as const)
    for (const nProcesses of plan.counts) {
      const memory = await memoryOf(nProcesses, way);
      const mib = (of: (one: KvMemory) => number): number => sum(memory.map(of)) / 1024;
      results.push({
        ...{ kvType, nTokens: plan.nTokens, way, nProcesses },
        imagePssMib: mib((one) => one.image.pss) / nProcesses,
        imageRssMib: mib((one) => one.image.rss) / nProcesses,
        processPssMib: mib((one) => one.process.pss) / nProcesses,
        totalPssMib: mib((one) => one.process.pss),
      });
    }
  return results;

  /** All alive, all having read every cell of the base. */
  async function memoryOf(n: number, way: Way): Promise<KvMemory[]> {
    const workers = Array.from({ length: n }, () => new Worker());
    try {
      for (const worker of workers) {
        const context = 'only';
        await worker.ask({ kind: 'open', base, way, context });
        await worker.ask({ kind: 'fork', context, sequence: 1 });
        await worker.ask({ kind: 'decode', context, sequence: 1, nTokens: 8, batch: 1 });
      }
      const answers: KvMemory[] = [];
      for (const worker of workers) {
        const { memory } = await worker.ask({ kind: 'memory', base });
        if (memory !== undefined) answers.push(memory);
      }
      return answers;
    } finally {
      await Promise.all(workers.map((worker) => worker.end()));
    }
  }
}

export function processesTable(results: readonly ProcessesResult[]): string {
  const head = [
    ...['K/V', 'processes'],
    ...['image: Rss each, MiB', 'image: Pss each, MiB'],
    ...['in place: all processes, MiB', 'copied: all processes, MiB'],
  ];
  const rows = results
    .filter((one) => one.way === 'place')
    .map((one) => {
      const copied = results.find(
        (other) =>
          other.way === 'map' && other.nProcesses === one.nProcesses && other.kvType === one.kvType,
      );
      const values = [one.imageRssMib, one.imagePssMib, one.totalPssMib, copied?.totalPssMib];
      return [one.kvType, String(one.nProcesses), ...values.map(shown)];
    });
  return markdownTable(head, rows);
}
