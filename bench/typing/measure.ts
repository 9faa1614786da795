/** Types one trace to all players, in one run. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { TypingOptions } from './options.ts';
import type { Player } from './player.ts';
import { startPeers, startWarmfork } from './players.ts';
import { recordTrace } from './recordTrace.ts';
import { playSegment, type SegmentRecord } from './replay.ts';
import { summarize, type TypingSummary } from './summary.ts';
import type { TypingSegment } from './trace.ts';

/** Of each player, by its name; Warmfork's is the first. */
export async function measureTyping(options: TypingOptions): Promise<Map<string, TypingSummary>> {
  const { workspace, seed, segments, keys: keysPerSegment } = options;
  const trace = await recordTrace({ workspace, seed, segments, keysPerSegment });
  const players: Player[] = [];
  try {
    players.push(await startWarmfork(options), ...(await startPeers(options)));
    const records = await playAll(trace, players, options);
    return new Map([...records].map(([name, one]) => [name, summarize(one)]));
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
