/**
 * Restoring a base when the page cache is cold, as after a restart of the machine: the image read ahead, which is also its
 * checksum, and a restore by copy, beside reading as many bytes from the beginning to the end. Linux, where pages of a
 * file can be dropped.
 */
import process from 'node:process';
import type { Base, Job } from '../../in-place/jobs.ts';
import { evict } from '../../in-place/pageCache.ts';
import type { Worker } from '../../in-place/workerClient.ts';
import type { ResultRow } from '../../lib/result.ts';
import { baseLengths, withBase } from '../bases.ts';
import type { Bench } from '../part.ts';
import { measuredRow } from '../row.ts';

const context = 'only';
const reading = 'sequential read';

export async function coldPart(bench: Bench): Promise<ResultRow[]> {
  if (process.platform !== 'linux') return [];
  const { nCtx, lengths } = baseLengths(bench);
  const rows: ResultRow[] = [];
  for (const nTokens of lengths.slice(1)) {
    const measured = (worker: Worker, base: Base): Promise<ResultRow[]> =>
      measure(worker, base, bench);
    rows.push(...(await withBase(bench, { nCtx, nTokens }, measured)));
  }
  return rows;
}

async function measure(worker: Worker, base: Base, { runs, note }: Bench): Promise<ResultRow[]> {
  try {
    await evict([base.sessionPath]);
  } catch (error) {
    note(`cold: not measured, pages cannot be dropped here: ${(error as Error).message}`);
    return [];
  }
  await worker.ask({ kind: 'create', base, context });
  const [plain, ahead, copied]: [number[], number[], number[]] = [[], [], []];
  const { sessionPath, image } = base;
  // In turns: what else uses the disk, and what lies behind it, meets all alike.
  for (let run = 0; run <= runs; run++) {
    const plainMs = await cold(worker, sessionPath, { kind: 'readPlain', path: sessionPath });
    const aheadMs = await cold(worker, image.cellsPath, { kind: 'checksum', base });
    const copiedMs = await cold(worker, sessionPath, { kind: 'load', base, way: 'map', context });
    if (run === 0) continue; // warms up
    plain.push(plainMs);
    ahead.push(aheadMs);
    copied.push(copiedMs);
  }
  await worker.ask({ kind: 'close', context });
  const length = `${base.nTokens.toLocaleString('en')} tokens`;
  const beside = { peers: { [reading]: plain }, against: reading } as const;
  const goal = { kind: 'ratio', atLeast: 0.8 } as const;
  return [
    measuredRow({
      ...{ name: `cold: image of ${length} read ahead, checksum included`, unit: 'ms' },
      ...{ ours: ahead, ...beside, goal },
    }),
    measuredRow({
      ...{ name: `cold: restore of ${length} by copy`, unit: 'ms', ours: copied },
      ...{ ...beside, goal },
    }),
  ];
}

async function cold(worker: Worker, path: string, job: Job): Promise<number> {
  await evict([path]);
  return worker.time(job);
}
