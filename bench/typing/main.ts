/** npm run bench:typing: one trace, all players, one run. */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { machineFacts } from '../lib/machine.ts';
import { resultTable, type BenchResult } from '../lib/result.ts';
import { ensureShapeModel, shapeModelPath } from '../lib/shapeModel.ts';
import { parseTypingOptions, typingHelp, type TypingOptions } from './options.ts';
import type { Player } from './player.ts';
import { startPeers, startWarmfork } from './players.ts';
import { recordTrace } from './recordTrace.ts';
import { playSegment, type SegmentRecord } from './replay.ts';
import { typingRows } from './report.ts';
import { summarize, type TypingSummary } from './summary.ts';
import type { TypingSegment } from './trace.ts';

async function run(options: TypingOptions): Promise<void> {
  if (options.model === shapeModelPath('0.5b')) await ensureShapeModel('0.5b');
  if (!existsSync(options.model)) throw new Error(`there is no model at ${options.model}`);
  const { workspace, seed, segments, keys: keysPerSegment } = options;
  const trace = await recordTrace({ workspace, seed, segments, keysPerSegment });
  const machine = machineFacts(options.model);
  const players: Player[] = [];
  try {
    players.push(await startWarmfork(options), ...(await startPeers(options)));
    const records = await playAll(trace, players, options);
    const summaries = new Map([...records].map(([name, one]) => [name, summarize(one)]));
    await report(summaries, machine, options);
  } finally {
    for (const player of players) await player.close();
  }
}

/** Segment by segment, each time another player first, so that what else the machine does meets all alike. */
async function playAll(
  trace: readonly TypingSegment[],
  players: readonly Player[],
  { pace, workspace }: TypingOptions,
): Promise<Map<string, SegmentRecord[]>> {
  const records = new Map(players.map(({ name }) => [name, [] as SegmentRecord[]]));
  const uriOf = (path: string): string => pathToFileURL(join(workspace, path)).href;
  for (const [at, segment] of trace.entries())
    for (const [turn] of players.entries()) {
      const player = players[(at + turn) % players.length]!;
      const began = performance.now();
      const record = await playSegment(segment, player, { pace, uriOf });
      records.get(player.name)?.push(record);
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      console.error(`${at + 1}/${trace.length} ${segment.path}: ${player.name}, ${seconds} s`);
    }
  return records;
}

async function report(
  summaries: ReadonlyMap<string, TypingSummary>,
  machine: BenchResult['machine'],
  options: TypingOptions,
): Promise<void> {
  const [[, ours] = [], ...peers] = summaries;
  if (ours === undefined) return;
  const result: BenchResult = { machine, rows: typingRows(ours, new Map(peers)) };
  console.log(resultTable(result.rows));
  for (const [name, { errors }] of summaries)
    if (errors.length > 0) console.log(`\n${name}: ${errors.join('; ')}`);
  const { json, ...shownOptions } = options;
  if (json === undefined) return;
  const detail = { options: shownOptions, summaries: Object.fromEntries(summaries) };
  await writeFile(json, `${JSON.stringify({ ...result, ...detail }, undefined, 2)}\n`);
}

const options = parseTypingOptions(process.argv.slice(2));
if (options === undefined) console.log(typingHelp);
else await run(options);
