/** Saving what a file or a chat adds to a base, for several lengths, beside a save of the whole sequence. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Answer, Base } from '../../in-place/jobs.ts';
import type { Worker } from '../../in-place/workerClient.ts';
import type { ResultRow } from '../../lib/result.ts';
import { baseLengths, withBase } from '../bases.ts';
import type { Bench } from '../part.ts';
import { measuredRow } from '../row.ts';

const context = 'only';
const beside = 1;
const stock = 'llama_state_seq_save_file';
const plain = 'write, fdatasync';

interface Saves {
  /** Tokens above the base. */
  readonly own: number;
  readonly threadMs: readonly number[];
  readonly durableMs: readonly number[];
  readonly tokenMs: readonly number[];
  /** As many bytes written plainly, until durable. */
  readonly plainMs: readonly number[];
  readonly bytes: number;
}

export async function savePart(bench: Bench): Promise<ResultRow[]> {
  const { nCtx, lengths } = baseLengths(bench);
  const nTokens = lengths[1]!;
  const own = bench.quick ? [64, 512] : [128, 512, 2048];
  return withBase(bench, { nCtx, nTokens }, async (worker, base) => {
    const folder = join(bench.folder, 'saves');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    await worker.ask({ kind: 'open', base, way: 'place', context });
    await worker.ask({ kind: 'fork', context, sequence: beside });
    const alone = await tokensAlone(worker);
    const rows: ResultRow[] = [];
    for (const count of own) {
      const saves = await measure(worker, base, count, { folder, runs: bench.runs });
      const whole = await saveWhole(worker, base, { folder, runs: bench.runs });
      rows.push(...rowsOf(saves, whole, alone));
    }
    return rows;
  });
}

/** The first ones are not counted: they bring the cells' pages in. */
async function tokensAlone(worker: Worker): Promise<readonly number[]> {
  const job = { kind: 'decode', context, sequence: beside, nTokens: 16, batch: 1 } as const;
  return (await worker.ask(job)).ms.slice(4);
}

interface Into {
  readonly folder: string;
  readonly runs: number;
}

function rowsOf(saves: Saves, whole: readonly Answer[], alone: readonly number[]): ResultRow[] {
  const what = `save of ${saves.own.toLocaleString('en')} own tokens`;
  const wholeMs = whole.map(({ ms }) => ms[0] ?? Number.NaN);
  return [
    measuredRow({
      ...{ name: `${what}: file, for each of them`, unit: 'bytes' },
      ...{ ours: [saves.bytes / saves.own], against: stock },
      peers: { [stock]: whole.map(({ bytes }) => (bytes ?? Number.NaN) / saves.own) },
    }),
    measuredRow({
      ...{ name: `${what}: on the inference thread`, unit: 'ms', ours: saves.threadMs },
      ...{ peers: { [stock]: wholeMs }, against: stock },
      goal: { kind: 'atMost', value: 10 },
    }),
    measuredRow({
      ...{ name: `${what}: off it, until durable`, unit: 'ms', ours: saves.durableMs },
      ...{ peers: { [plain]: saves.plainMs }, against: plain },
      // Of few bytes nearly all is waiting, and there is one wait more: for the content, then for the mark that it is there.
      ...(saves.own >= 2048 && { goal: { kind: 'ratio', atLeast: 0.5 } }),
    }),
    measuredRow({
      ...{ name: `${what}: a token asked for meanwhile`, unit: 'ms', ours: saves.tokenMs },
      ...{ peers: { alone }, against: 'alone' },
      goal: { kind: 'ratio', atLeast: 0.5 }, // one step more at most
    }),
  ];
}

/** In turns: a save beside a token, a save alone, and as many bytes. */
async function measure(worker: Worker, base: Base, own: number, into: Into): Promise<Saves> {
  const from = base.nTokens - own;
  const [besides, alone, plains]: [Answer[], Answer[], Answer[]] = [[], [], []];
  for (let run = 0; run < into.runs; run++) {
    const at = (what: string): string => join(into.folder, `${what}-${own}-${run}`);
    const job = { kind: 'save', base, context, from } as const;
    besides.push(await worker.ask({ ...job, path: at('beside'), beside }));
    alone.push(await worker.ask({ ...job, path: at('alone') }));
    const nBytes = alone[0]?.bytes ?? 0;
    plains.push(await worker.ask({ kind: 'writePlain', path: at('plain'), nBytes }));
  }
  const times = (of: Answer[], which: number): number[] =>
    of.map(({ ms }) => ms[which] ?? Number.NaN);
  return {
    own,
    threadMs: times(alone, 0),
    durableMs: times(alone, 1),
    tokenMs: times(besides, 2),
    plainMs: times(plains, 0),
    bytes: alone[0]?.bytes ?? Number.NaN,
  };
}

async function saveWhole(worker: Worker, base: Base, { folder, runs }: Into): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let run = 0; run < runs; run++) {
    const path = join(folder, `whole-${run}.session`);
    answers.push(await worker.ask({ kind: 'saveStock', base, context, path }));
  }
  return answers;
}
