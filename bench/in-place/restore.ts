/** How long until a base can be used, and until the first token is decoded on top of it. */
import { markdownTable, shown } from '../lib/result.ts';
import { median } from '../lib/statistics.ts';
import type { Bases } from './bases.ts';
import type { Base, KvType, Way } from './jobs.ts';
import { evict } from './pageCache.ts';
import { withWorker, type Worker } from './workerClient.ts';

export interface RestoreResult {
  readonly kvType: KvType;
  readonly nCtx: number;
  readonly nTokens: number;
  readonly cache: 'warm' | 'cold';
  readonly way: Way;
  /** Medians. Context created, base in sequence 0. */
  readonly openMs: number;
  /** The first token on a fork of it, and one more. */
  readonly firstDecodeMs: number;
  readonly nextDecodeMs: number;
  /** In place only: reading the whole image and its checksum. */
  readonly checksumMs?: number;
}

export interface RestorePlan {
  readonly nCtx: number;
  readonly tokens: readonly number[];
  readonly runs: number;
}

const ways: readonly Way[] = ['place', 'map', 'read'];

export async function measureRestore(
  bases: Bases,
  kvType: KvType,
  { nCtx, tokens, runs }: RestorePlan,
): Promise<RestoreResult[]> {
  const results: RestoreResult[] = [];
  for (const nTokens of tokens) {
    const base = await bases.make(kvType, nCtx, nTokens);
    for (const cache of ['warm', 'cold'] as const)
      for (const way of ways) results.push(await measureWay(base, way, cache, runs));
    bases.remove(base);
  }
  return results;
}

async function measureWay(
  base: Base,
  way: Way,
  cache: 'warm' | 'cold',
  runs: number,
): Promise<RestoreResult> {
  const { kvType, nCtx, nTokens } = base;
  return withWorker(async (worker) => {
    await worker.ask({ kind: 'loadModel', base });
    await openAndDecode(worker, base, way); // the library's own first time
    const prepare = async (): Promise<void> => (cache === 'cold' ? evictBase(base) : undefined);
    const times: (readonly number[])[] = [];
    for (let run = 0; run < runs; run++) {
      await prepare();
      times.push(await openAndDecode(worker, base, way));
    }
    const checksums: number[] = [];
    for (let run = 0; way === 'place' && run < runs; run++) {
      await prepare();
      checksums.push(await worker.time({ kind: 'checksum', base }));
    }
    const of = (at: number): number => median(times.map((one) => one[at] ?? Number.NaN));
    return {
      ...{ kvType, nCtx, nTokens, cache, way },
      ...{ openMs: of(0), firstDecodeMs: of(1), nextDecodeMs: of(2) },
      ...(way === 'place' ? { checksumMs: median(checksums) } : {}),
    };
  });
}

async function openAndDecode(worker: Worker, base: Base, way: Way): Promise<number[]> {
  const context = 'only';
  const opened = await worker.time({ kind: 'open', base, way, context });
  await worker.ask({ kind: 'fork', context, sequence: 1 });
  const decode = { kind: 'decode', context, sequence: 1, nTokens: 2, batch: 1 } as const;
  const { ms } = await worker.ask(decode);
  await worker.ask({ kind: 'close', context });
  return [opened, ...ms];
}

async function evictBase(base: Base): Promise<void> {
  await evict([base.sessionPath, base.image.cellsPath, base.image.metaPath]);
}

/** One row for each base and state of the page cache. */
export function restoreTable(results: readonly RestoreResult[]): string {
  const head = [
    ...['K/V', 'base tokens', 'page cache'],
    ...['in place: open', 'first token', 'checksum'],
    ...['copied from the map: open', 'first token'],
    ...['`llama_state_load_file`: open', 'first token'],
  ];
  const rows = results.filter((one) => one.way === 'place');
  return markdownTable(head, rows.map(rowOf));

  function rowOf(place: RestoreResult): string[] {
    const { kvType, nTokens, cache } = place;
    const other = (way: Way): RestoreResult | undefined =>
      results.find(
        (one) =>
          one.way === way &&
          one.kvType === kvType &&
          one.nTokens === nTokens &&
          one.cache === cache &&
          one.nCtx === place.nCtx,
      );
    const [map, read] = [other('map'), other('read')];
    return [
      ...[kvType, String(nTokens), cache],
      ...[place.openMs, place.firstDecodeMs, place.checksumMs].map(shown),
      ...[map?.openMs, map?.firstDecodeMs, read?.openMs, read?.firstDecodeMs].map(shown),
    ];
  }
}
