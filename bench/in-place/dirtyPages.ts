/** What decoding on top of a mapped base costs in memory: whole pages of the rows that are written, and nothing else. */
import { markdownTable, shown } from '../lib/result.ts';
import type { Bases } from './bases.ts';
import type { KvType } from './jobs.ts';
import { withWorker } from './workerClient.ts';

export interface DirtyResult {
  readonly kvType: KvType;
  readonly nTokens: number;
  /** Decoded on top of the base. */
  readonly nDecoded: number;
  readonly privateDirtyKib: number;
  /** The pages that hold the rows of those tokens. */
  readonly expectedKib: number;
}

const pageBytes = 4096;
const layers = 24;

/** Bytes of one token's K or V in one layer: 2 heads of 64 values. */
const rowBytes: Readonly<Record<KvType, number>> = { f16: 2 * 128, q8_0: (128 / 32) * 34 };

export async function measureDirtyPages(
  bases: Bases,
  kvType: KvType,
  plan: { readonly nCtx: number; readonly nTokens: number; readonly decoded: readonly number[] },
): Promise<DirtyResult[]> {
  const base = await bases.make(kvType, plan.nCtx, plan.nTokens);
  return withWorker(async (worker) => {
    const context = 'only';
    await worker.ask({ kind: 'open', base, way: 'place', context });
    await worker.ask({ kind: 'fork', context, sequence: 1 });
    const results: DirtyResult[] = [];
    let done = 0;
    for (const nDecoded of plan.decoded) {
      const nTokens = nDecoded - done;
      await worker.ask({ kind: 'decode', context, sequence: 1, nTokens, batch: 1 });
      done = nDecoded;
      const { memory } = await worker.ask({ kind: 'memory', base });
      results.push({
        ...{ kvType, nTokens: plan.nTokens, nDecoded },
        privateDirtyKib: memory?.image.privateDirty ?? Number.NaN,
        expectedKib: (pagesOf(kvType, plan.nCtx, plan.nTokens, nDecoded) * pageBytes) / 1024,
      });
    }
    return results;
  });
}

/** Each layer has a tensor of K and one of V, of `nCtx` rows; all lie behind each other. */
function pagesOf(kvType: KvType, nCtx: number, first: number, n: number): number {
  const pages = new Set<number>();
  for (let tensor = 0; n > 0 && tensor < 2 * layers; tensor++) {
    const start = (tensor * nCtx + first) * rowBytes[kvType];
    const end = start + n * rowBytes[kvType];
    for (let page = Math.floor(start / pageBytes); page * pageBytes < end; page++) pages.add(page);
  }
  return pages.size;
}

export function dirtyTable(results: readonly DirtyResult[]): string {
  const head = ['K/V', 'base tokens', 'decoded tokens', 'Private_Dirty, KiB', 'expected, KiB'];
  const rows = results.map((one) => [
    one.kvType,
    ...[one.nTokens, one.nDecoded, one.privateDirtyKib, one.expectedKib].map(shown),
  ]);
  return markdownTable(head, rows);
}
