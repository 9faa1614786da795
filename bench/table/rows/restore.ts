/**
 * Restoring a base, page cache warm. In place: with the context, beside creating an empty one, and what the base adds to
 * what any context takes. By copy: into a context whose cells are in memory already, beside memcpy of as many bytes,
 * whole and in the pieces that a context's cells consist of, and llama.cpp's own call.
 */
import { statSync } from 'node:fs';
import type { Base } from '../../in-place/jobs.ts';
import type { Worker } from '../../in-place/workerClient.ts';
import type { ResultRow } from '../../lib/result.ts';
import { baseLengths, timesOf, withBase } from '../bases.ts';
import type { Bench } from '../part.ts';
import { measuredRow } from '../row.ts';

const context = 'only';
const stock = 'llama_state_load_file';

const emptyContext = 'empty context';
const inPieces = 'memcpy by layer';
/** K and V of the 24 layers of the 0.5B shape. */
const pieces = 48;
const k = 1024;

interface Restored {
  readonly empty: readonly number[];
  readonly place: readonly number[];
  /** Creating an empty context whose cells need no clearing. */
  readonly bare: readonly number[];
  readonly copied: readonly number[];
  readonly stock: readonly number[];
  readonly memcpy: readonly number[];
  readonly memcpyPieces: readonly number[];
  /** Of sessions, that one restore read or copied. */
  readonly placeBytes: number;
  readonly copiedBytes: number;
}

export async function restorePart(bench: Bench): Promise<ResultRow[]> {
  const rows: ResultRow[] = [];
  for (const size of sizes(bench)) {
    const restored = await withBase(bench, size, (worker, base) =>
      measure(worker, base, bench.runs),
    );
    rows.push(...rowsOf(size.nTokens, restored));
  }
  return rows;
}

/** The longest needs a context of its own: tokens go on top of it. */
function sizes(bench: Bench): { readonly nCtx: number; readonly nTokens: number }[] {
  const { nCtx, lengths } = baseLengths(bench);
  const all = lengths.map((nTokens) => ({ nCtx, nTokens }));
  return bench.quick ? all : [...all, { nCtx: 34 * k, nTokens: 32 * k }];
}

function rowsOf(nTokens: number, restored: Restored): ResultRow[] {
  const { empty, place, bare, copied, stock: read, memcpy, placeBytes, copiedBytes } = restored;
  const length = `${nTokens.toLocaleString('en')} tokens`;
  return [
    measuredRow({
      ...{ name: `context with a base of ${length} in place`, unit: 'ms', ours: place },
      ...{ peers: { [emptyContext]: empty, 'context alone': bare }, against: emptyContext },
    }),
    measuredRow({
      ...{ name: `of that the restore of ${length} in place`, unit: 'ms' },
      ours: place.map((ms, run) => Math.max(0, ms - bare[run]!)),
      goal: { kind: 'atMost', value: 2 },
    }),
    measuredRow({
      ...{ name: `K/V bytes that a restore of ${length} in place copies`, unit: 'bytes' },
      ...{ ours: [placeBytes], peers: { 'by copy': [copiedBytes] } },
      goal: { kind: 'atMost', value: 0 },
    }),
    measuredRow({
      ...{ name: `restore of ${length} by copy`, unit: 'ms', ours: copied, against: 'memcpy' },
      peers: { memcpy, [inPieces]: restored.memcpyPieces, [stock]: read },
      ...{ goal: { kind: 'ratio', atLeast: 0.8 } },
    }),
  ];
}

async function measure(worker: Worker, base: Base, runs: number): Promise<Restored> {
  const [{ empty, place, bare }, placeBytes] = await counting(worker, base, runs + 1, () =>
    openInTurns(worker, base, runs),
  );
  await worker.ask({ kind: 'create', base, context });
  const [copied, copiedBytes] = await counting(worker, base, runs + 1, () =>
    timesOf(worker, runs, { kind: 'load', base, way: 'map', context }),
  );
  const read = await timesOf(worker, runs, { kind: 'load', base, way: 'read', context });
  await worker.ask({ kind: 'close', context });
  const nBytes = statSync(base.sessionPath).size;
  return {
    empty,
    place,
    bare,
    copied,
    stock: read,
    memcpy: await timesOf(worker, runs, { kind: 'memcpy', nBytes }),
    memcpyPieces: await timesOf(worker, runs, { kind: 'memcpy', nBytes, pieces }),
    ...{ placeBytes, copiedBytes },
  };
}

/** An empty context, one in place and one on memory of ours, in turns, so that what else the machine does meets both alike. */
async function openInTurns(
  worker: Worker,
  base: Base,
  runs: number,
): Promise<Pick<Restored, 'empty' | 'place' | 'bare'>> {
  const empty: number[] = [];
  const place: number[] = [];
  const bare: number[] = [];
  for (let run = 0; run <= runs; run++) {
    const emptyMs = await worker.time({ kind: 'create', base, context });
    await worker.ask({ kind: 'close', context });
    const placeMs = await worker.time({ kind: 'open', base, way: 'place', context });
    const bareMs = await worker.time({ kind: 'createPlaced', base, like: context });
    await worker.ask({ kind: 'close', context });
    if (run === 0) continue; // warms up
    empty.push(emptyMs);
    place.push(placeMs);
    bare.push(bareMs);
  }
  return { empty, place, bare };
}

/** What `restores` restores give, and the bytes that one of them moved. */
async function counting<T>(
  worker: Worker,
  base: Base,
  restores: number,
  measureAll: () => Promise<T>,
): Promise<readonly [T, number]> {
  const before = await bytesMoved(worker, base);
  const measured = await measureAll();
  return [measured, ((await bytesMoved(worker, base)) - before) / restores];
}

async function bytesMoved(worker: Worker, base: Base): Promise<number> {
  const { counters } = await worker.ask({ kind: 'counters', base });
  return counters === undefined ? Number.NaN : counters.bytesLoaded + counters.bytesCopied;
}
