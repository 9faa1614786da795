import { describe, expect, it } from 'vitest';
import {
  Completer,
  type CompletionTrace,
  type Question,
} from '../../src/extension/inline/completer.ts';
import { ManualClock, startRig, type Rig } from '../client/helpers.ts';

function question(prefix: string, trigger: Question['trigger'] = 'invoke'): Question {
  const window = { prefix, firstLine: 0, suffix: '\n' };
  return { uri: 'file:///a.ts', path: 'a.ts', languageId: 'typescript', window, trigger };
}

interface Bench extends Rig {
  readonly clock: ManualClock;
  readonly completer: Completer;
  readonly ask: (prefix: string, trigger?: Question['trigger']) => Promise<CompletionTrace>;
}

function bench(): Bench {
  const rig = startRig();
  const clock = new ManualClock();
  const completer = new Completer({ engine: rig.supervisor, clock, debounceMs: () => 75 });
  const { signal } = new AbortController();
  const ask: Bench['ask'] = (prefix, trigger) =>
    completer.complete(question(prefix, trigger), signal);
  return { ...rig, clock, completer, ask };
}

describe('Completer', () => {
  it('offers what the engine answers', async () => {
    const { ask } = bench();
    expect(await ask('const x = ')).toMatchObject({
      outcome: 'offered',
      source: 'engine',
      text: 'fakeCompletion();',
      attempts: 1,
      stats: { evaluated: 5, reused: 1495 },
    });
  });

  it('offers the rest to who types what was suggested, without the engine', async () => {
    const { ask, supervisor } = bench();
    await ask('const x = ');
    const next = await ask('const x = fakeC', 'automatic');
    expect(next).toMatchObject({ source: 'typedAsSuggested', text: 'ompletion();', attempts: 0 });
    expect((await supervisor.counters()).completions).toBe(1);
  });

  it('asks again for other text, and for what was forgotten', async () => {
    const { ask, completer, supervisor } = bench();
    await ask('const x = ');
    await ask('const x = z');
    await ask('const x = fakeCompletion();');
    completer.forget('file:///a.ts');
    await ask('const x = ');
    expect((await supervisor.counters()).completions).toBe(4);
  });

  it('waits for typing to rest, unless it was asked for', async () => {
    const { ask, clock } = bench();
    const typed = ask('a', 'automatic');
    expect(clock.delays.all).toEqual([75]);
    clock.advance(75);
    expect(await typed).toMatchObject({ outcome: 'offered' });
    await ask('b', 'invoke');
    expect(clock.delays.all).toEqual([75]);
    expect(clock.pending).toBe(0);
  });

  it('lets the latest question win', async () => {
    const { ask, clock, supervisor } = bench();
    const first = ask('a', 'automatic');
    const second = ask('ab', 'automatic');
    expect(await first).toMatchObject({ outcome: 'cancelled', attempts: 0 });
    clock.advance(75);
    expect(await second).toMatchObject({ outcome: 'offered' });
    expect((await supervisor.counters()).completions).toBe(1);
  });

  it('cancels the request under way when the editor loses interest', async () => {
    const { completer, logs, supervisor } = bench();
    const editor = new AbortController();
    const hanging = completer.complete(question('<hang>'), editor.signal);
    await logs.first((log) => log.message === 'hanging');
    editor.abort();
    expect(await hanging).toMatchObject({ outcome: 'cancelled' });
    expect((await supervisor.counters()).decodesAborted).toBe(1);
  });

  it('asks once more, and only once more, when the engine stops under the question', async () => {
    const { ask, exits } = bench();
    expect(await ask('<crash>')).toMatchObject({ outcome: 'failed', attempts: 2 });
    expect(exits.all).toHaveLength(2);
    expect(await ask('fine')).toMatchObject({ outcome: 'offered', attempts: 1 });
  });

  it('answers from the next engine when a running one is killed', async () => {
    const { ask, logs, supervisor } = bench();
    const hanging = ask('<hang>');
    await logs.first((log) => log.message === 'hanging');
    process.kill(supervisor.pid ?? 0, 'SIGKILL');
    // The next engine hangs at the same place: a later question ends it.
    await logs.first((log) => logs.all.indexOf(log) > 0 && log.message === 'hanging');
    expect(await ask('x')).toMatchObject({ outcome: 'offered' });
    expect(await hanging).toMatchObject({ outcome: 'cancelled', attempts: 2 });
  });

  it('offers nothing, and says why, when the engine refuses', async () => {
    const { ask } = bench();
    expect(await ask('<error>')).toMatchObject({ outcome: 'failed', error: 'asked to fail' });
  });
});
