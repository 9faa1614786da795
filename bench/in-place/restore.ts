/** How long until a base can be used, and until the first token is decoded on top of it. */
import { markdownTable, shown } from '../lib/result.ts';
import type { Bases } from './bases.ts';
import type { Answer, Base, KvType, Way } from './jobs.ts';
import { evict } from './pageCache.ts';
import { withWorker, type Worker } from './workerClient.ts';

export interface RestoreResult {
  readonly kvType: KvType;
  readonly nCtx: number;
  readonly nTokens: number;
  readonly cache: Cache;
  readonly way: Way;
  /** Context created, base in sequence 0. */
  readonly open: Time;
  /** The first token on a fork of it, and one more. */
  readonly firstToken: Time;
  readonly nextToken: Time;
  /** In place only: reading the whole image and its checksum. */
  readonly checksum?: Time;
}

/** The shortest of all runs: whatever makes one longer comes from elsewhere. */
interface Time {
  readonly ms: number;
  readonly cpuMs: number;
}

type Cache = 'warm' | 'cold';

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
    await withWorker(async (worker) => {
      await worker.ask({ kind: 'loadModel', base });
      await openAndDecode(worker, base, 'map'); // the library's own first time
      for (const cache of ['warm', 'cold'] as const)
        for (const way of ways) {
          results.push(await measureWay(worker, base, { way, cache, runs }));
          console.error(results.at(-1)); // these runs are long
        }
    });
    bases.remove(base);
  }
  return results;
}

async function measureWay(
  worker: Worker,
  base: Base,
  { way, cache, runs }: { readonly way: Way; readonly cache: Cache; readonly runs: number },
): Promise<RestoreResult> {
  const opened: Answer[] = [];
  const tokens: Answer[] = [];
  const checksums: Answer[] = [];
  for (let run = 0; run < runs; run++) {
    await bring(base, cache);
    const [open, decode] = await openAndDecode(worker, base, way);
    opened.push(open);
    tokens.push(decode);
    if (way !== 'place') continue;
    await bring(base, cache);
    checksums.push(await worker.ask({ kind: 'checksum', base }));
  }
  const { kvType, nCtx, nTokens } = base;
  return {
    ...{ kvType, nCtx, nTokens, cache, way, open: best(opened, 0) },
    ...{ firstToken: best(tokens, 0), nextToken: best(tokens, 1) },
    ...(way === 'place' ? { checksum: best(checksums, 0) } : {}),
  };
}

function best(answers: readonly Answer[], at: number): Time {
  const least = (of: 'ms' | 'cpuMs'): number =>
    Math.min(...answers.map((answer) => answer[of][at] ?? Number.NaN));
  return { ms: least('ms'), cpuMs: least('cpuMs') };
}

/** Warm files are so by the run before. */
async function bring({ sessionPath, image }: Base, cache: Cache): Promise<void> {
  if (cache === 'cold') await evict([sessionPath, image.cellsPath, image.metaPath]);
}

async function openAndDecode(
  worker: Worker,
  base: Base,
  way: Way,
): Promise<readonly [Answer, Answer]> {
  const context = 'only';
  const opened = await worker.ask({ kind: 'open', base, way, context });
  await worker.ask({ kind: 'fork', context, sequence: 1 });
  const decode = { kind: 'decode', context, sequence: 1, nTokens: 2, batch: 1 } as const;
  const decoded = await worker.ask(decode);
  await worker.ask({ kind: 'close', context });
  return [opened, decoded];
}

/** One row for each base and state of the page cache. Times and, behind them, processor times. */
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
    const [map, read] = (['map', 'read'] as const).map((way) =>
      results.find(
        (one) =>
          one.way === way &&
          one.kvType === kvType &&
          one.nTokens === nTokens &&
          one.cache === cache &&
          one.nCtx === place.nCtx,
      ),
    );
    const times = [place.open, place.firstToken, place.checksum];
    const others = [map?.open, map?.firstToken, read?.open, read?.firstToken];
    return [kvType, String(nTokens), cache, ...[...times, ...others].map(shownTime)];
  }
}

function shownTime(time: Time | undefined): string {
  return time === undefined ? '–' : `${shown(time.ms)} (${shown(time.cpuMs)})`;
}
