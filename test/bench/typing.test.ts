/** The typing benchmark in small: the real provider's logic and engine on the stand-in model; counters, no times. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ReplayDocument } from '../../bench/typing/document.ts';
import { recordTrace } from '../../bench/typing/recordTrace.ts';
import { playSegment, type SegmentRecord } from '../../bench/typing/replay.ts';
import { summarize } from '../../bench/typing/summary.ts';
import type { TypingEvent, TypingSegment } from '../../bench/typing/trace.ts';
import { WarmforkPlayer } from '../../bench/typing/warmfork.ts';
import { Fixture } from '../engine/engineFixture.ts';

const source = `import { readFile } from 'node:fs/promises';

/** One measured value. */
interface Sample {
  readonly name: string;
  readonly value: number;
}

export async function readSamples(path: string): Promise<Sample[]> {
  const text = await readFile(path, 'utf8');
  const lines = text.split('\\n').filter((line) => line !== '');
  return lines.map((line) => {
    const [name = '', value] = line.split(' ');
    return { name, value: Number(value) };
  });
}

export function total(samples: readonly Sample[]): number {
  return samples.reduce((sum, { value }) => sum + value, 0);
}
`;

const trace = { seed: 3, segments: 1, keysPerSegment: 400, minLines: 1 };

let fixture: Fixture;

beforeAll(async () => {
  fixture = await Fixture.create({ 'src/samples.ts': source });
});

afterAll(() => fixture.remove());

function record(): Promise<TypingSegment[]> {
  return recordTrace({ ...trace, workspace: fixture.workspace });
}

async function play(segment: TypingSegment): Promise<SegmentRecord> {
  const engine = fixture.start();
  await engine.whenWarm();
  const player = new WarmforkPlayer({
    engine: {
      complete: (params, signal = new AbortController().signal, onDelta) =>
        engine.complete(params, signal, onDelta && ((text) => onDelta({ text }))),
      counters: () => engine.counters(),
    },
    pace: 'fast',
    maxTokens: 8,
    prefetch: false,
  });
  return playSegment(segment, player, { pace: 'fast', uriOf: (path) => `file:///${path}` });
}

describe('a recorded trace', () => {
  it('is the same for the same seed, and ends in the text it was made from', async () => {
    const [segment] = await record();
    expect(await record()).toEqual([segment]);
    const document = new ReplayDocument(segment!.text, segment!.cursor);
    for (const event of segment!.events)
      document.apply(event as Exclude<TypingEvent, { kind: 'follow' }>);
    expect(document.text).toBe(source);
    const kinds = new Set(segment!.events.map(({ kind }) => kind));
    expect(kinds).toEqual(new Set(['type', 'typeOver', 'backspace']));
  });
});

describe('typing on the stand-in model', () => {
  it('evaluates at most 2 tokens per key at the median, new lines included', async () => {
    const [segment] = await record();
    const played = await play(segment!);
    const { failed, keys, newLines, evaluated, engineCallsPerKey } = summarize([played]);
    expect({ failed, newLines }).toEqual({ failed: 0, newLines: 5 });
    // An accepted suggestion is one key instead of several.
    expect(keys).toBeGreaterThan(0.8 * segment!.events.length);
    expect(engineCallsPerKey).toBeGreaterThan(0.5);
    expect(evaluated.p50).toBeLessThanOrEqual(2);
  });

  it('does not ask the engine while its suggestion is being typed', async () => {
    const [segment] = await record();
    const [first] = segment!.events;
    const follow: TypingEvent = { kind: 'follow', keys: 6, pauseMs: 100 };
    const { keys } = await play({ ...segment!, events: [first!, follow] });
    const asSuggested = keys.filter((key) => key.asSuggested);
    expect(keys[0]?.answer).toMatchObject({ outcome: 'offered', engineCalls: 1 });
    expect(asSuggested.length).toBeGreaterThanOrEqual(3);
    expect(asSuggested.map(({ answer }) => answer.engineCalls)).toEqual(asSuggested.map(() => 0));
    expect(asSuggested.map(({ answer }) => answer.evaluated)).toEqual(asSuggested.map(() => 0));
  });
});
