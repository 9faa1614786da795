/**
 * What the extension costs the extension host, which all extensions share: to load and activate it, the longest stretch without
 * a break in which it keeps the thread busy while a person works, and what it uses while nobody does. In a real extension host
 * of code-server, with the stand-in model whatever model the table is about: it answers most often.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { findChromium } from '../../../scripts/test/chromium.ts';
import type { DriveOptions, DriveResult } from '../../host/driveOptions.ts';
import { HostBench } from '../../host/hostWindow.ts';
import type { ResultRow } from '../../lib/result.ts';
import type { Bench } from '../part.ts';
import { measuredRow } from '../row.ts';

const doings: Readonly<Record<string, string>> = {
  start: 'while the engine starts and the base is built',
  typing: 'while a person types, with suggestions',
  save: 'at a save',
  chat: 'during an answer of the chat',
  change: 'when files of the project change',
};

/** Without a browser there is no window: no rows. */
export async function hostPart(bench: Bench): Promise<ResultRow[]> {
  if (findChromium() === undefined) {
    bench.note('host: there is no Chromium');
    return [];
  }
  const folder = join(bench.folder, 'host');
  mkdirSync(folder, { recursive: true });
  const host = await HostBench.start(folder);
  try {
    const options = optionsFor(bench);
    const acting = await host.window({ ...options, withWarmfork: true, acts: true });
    const bare = await host.window({ ...options, withWarmfork: false, acts: false });
    const starts = [acting];
    for (let run = 1; run < Math.min(bench.runs, 3); run++)
      starts.push(
        await host.window({
          ...options,
          ...{ withWarmfork: true, acts: false, restMs: 0, idleMs: 0 },
        }),
      );
    noteLongest(bench, acting);
    return [...startRows(starts), ...busyRows(acting), ...idleRows(acting, bare, options)];
  } finally {
    await host.stop();
  }
}

function optionsFor({ quick }: Bench): Omit<DriveOptions, 'result' | 'withWarmfork' | 'acts'> {
  return quick
    ? { typingMs: 2_000, changedFiles: 20, restMs: 500, idleMs: 1_000 }
    : { typingMs: 30_000, changedFiles: 500, restMs: 2_000, idleMs: 5_000 };
}

function startRows(windows: readonly DriveResult[]): ResultRow[] {
  const starts = windows.flatMap(({ startup }) => startup ?? []);
  const reads = (calls: readonly string[]): number =>
    calls.filter((call) => /^(read|write|open)/.test(call)).length;
  return [
    measuredRow({
      ...{ name: 'extension: bundle loaded and activated', unit: 'ms' },
      ours: starts.map(({ loadMs, activateMs }) => loadMs + activateMs),
      goal: { kind: 'atMost', value: 50 },
    }),
    measuredRow({
      ...{ name: 'extension: of this, loading the bundle', unit: 'ms' },
      ours: starts.map(({ loadMs }) => loadMs),
    }),
    measuredRow({
      ...{ name: 'extension: files read or written meanwhile, synchronously', unit: 'calls' },
      ours: starts.map(({ syncCalls }) => reads(syncCalls)),
      goal: { kind: 'atMost', value: 0 },
    }),
  ];
}

/** For the person who wants to shorten them. */
function noteLongest({ note }: Bench, { busy }: DriveResult): void {
  for (const [doing, { longestMs, longestIn }] of Object.entries(busy))
    if (longestMs > 5) note(`host: ${longestMs.toFixed(1)} ms ${doing}: ${longestIn.join(', ')}`);
}

function busyRows({ busy }: DriveResult): ResultRow[] {
  return Object.entries(doings).map(([doing, words]) =>
    measuredRow({
      ...{ name: `extension host kept busy ${words}: longest stretch`, unit: 'ms' },
      ours: [busy[doing]?.longestMs ?? Number.NaN],
      goal: { kind: 'atMost', value: 10 },
    }),
  );
}

function idleRows(
  { busy, idle }: DriveResult,
  bare: DriveResult,
  { idleMs }: Pick<DriveOptions, 'idleMs'>,
): ResultRow[] {
  const seconds = `${idleMs / 1000} s`;
  return [
    measuredRow({
      ...{ name: `extension: processor time in ${seconds} without work`, unit: 'ms' },
      ours: [busy['idle']?.totalMs ?? Number.NaN],
      peers: {
        'the whole extension host': [idle.hostMs],
        'the same without it': [bare.idle.hostMs],
      },
      goal: { kind: 'atMost', value: 0 },
    }),
    ...(idle.engineMs === undefined
      ? []
      : [
          measuredRow({
            ...{ name: `engine: processor time in ${seconds} without work`, unit: 'ms' },
            ...{ ours: [idle.engineMs], goal: { kind: 'atMost', value: 0 } },
          }),
        ]),
  ];
}
