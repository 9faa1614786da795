/** A recorded piece of typing in files of this project, played to an engine that servers answer. */
import { readFileSync } from 'node:fs';
import { recordTrace } from '../../bench/typing/recordTrace.ts';
import { playSegment, type SegmentRecord } from '../../bench/typing/replay.ts';
import { WarmforkPlayer } from '../../bench/typing/warmfork.ts';
import { inRoot } from '../../scripts/lib/paths.ts';
import type { EngineApi } from '../../src/engine/engineApi.ts';
import { Fixture, never } from '../engine/engineFixture.ts';

const files = ['document.ts', 'replay.ts', 'trace.ts', 'player.ts', 'summary.ts'];

export function typingProject(): Promise<Fixture> {
  const entries = files.map((name) => {
    const text = readFileSync(inRoot('bench/typing', name), 'utf8');
    return [`src/${name}`, text] as const;
  });
  const manifest = '{ "name": "typing", "version": "1.0.0" }\n';
  return Fixture.create({ 'package.json': manifest, ...Object.fromEntries(entries) });
}

/** Plays the same keys each time; suggestions are asked for at every key. */
export async function playTyping(
  fixture: Fixture,
  engine: Pick<EngineApi, 'complete' | 'counters'>,
  keys: number,
): Promise<SegmentRecord> {
  const trace = { seed: 5, segments: 1, keysPerSegment: keys, minLines: 4 };
  const [segment] = await recordTrace({ ...trace, workspace: fixture.workspace });
  if (segment === undefined) throw new Error('nothing was recorded');
  const player = new WarmforkPlayer({
    engine: {
      complete: (params, signal = never, onDelta) =>
        engine.complete(params, signal, onDelta && ((text) => onDelta({ text }))),
      counters: () => engine.counters(),
    },
    ...{ pace: 'fast', maxTokens: 4, prefetch: false },
  });
  return playSegment(segment, player, { pace: 'fast', uriOf: (path) => `file:///${path}` });
}
