import { describe, expect, it } from 'vitest';
import { at, inlineRig, uri } from './inlineRig.ts';

describe('Completer', () => {
  it('offers what the engine answers', async () => {
    const { ask } = inlineRig();
    expect(await ask('const x = ║\n')).toMatchObject({
      outcome: 'offered',
      source: 'engine',
      text: 'fakeCompletion();',
      attempts: 1,
      stats: { evaluated: 5, reused: 1495 },
    });
  });

  it('offers the rest to who types what was suggested, and takes back, without the engine', async () => {
    const { ask, requests } = inlineRig();
    await ask('const x = ║\n');
    for (const [typed, rest] of [
      ['fakeC', 'ompletion();'],
      ['fakeCompletion()', ';'],
      ['fa', 'keCompletion();'],
      ['', 'fakeCompletion();'],
    ]) {
      const next = await ask(`const x = ${typed}║\n`);
      expect(next).toMatchObject({ outcome: 'offered', text: rest, attempts: 0 });
    }
    expect(requests.all).toHaveLength(1);
  });

  it('asks again for other text, and for what was forgotten', async () => {
    const { ask, completer, requests } = inlineRig();
    await ask('const x = ║');
    await ask('const x = z║');
    await ask('const x = fakeCompletion();║');
    completer.forget(uri);
    await ask('const x = ║');
    expect(requests.all).toHaveLength(4);
  });

  it('does not repeat what another base session, or another model, has said', async () => {
    const scope = { model: 'm', baseId: 'b1' };
    const { ask, requests } = inlineRig({}, { scope: () => scope });
    await ask('a ║');
    expect(await ask('a ║')).toMatchObject({ source: 'cache' });
    scope.baseId = 'b2';
    expect(await ask('a ║')).toMatchObject({ source: 'engine' });
    scope.baseId = 'b1';
    scope.model = 'other';
    expect(await ask('a ║')).toMatchObject({ source: 'engine' });
    expect(requests.all).toHaveLength(3);
  });

  it('remembers, and says why, where there was nothing to offer', async () => {
    const { ask, requests } = inlineRig({ completions: [] });
    for (const source of ['engine', 'cache']) {
      expect(await ask('a ║')).toMatchObject({ outcome: 'empty', source, dropped: 'repetition' });
    }
    expect(requests.all).toHaveLength(1);
  });

  it('waits for typing to rest, unless it was asked for', async () => {
    const { ask, clock } = inlineRig({}, { debounceMs: () => 75 });
    const typed = ask('a║');
    expect(clock.delays.all).toEqual([75]);
    clock.advance(75);
    expect(await typed).toMatchObject({ outcome: 'offered' });
    await ask('b║', { trigger: 'invoke' });
    expect(clock.delays.all).toEqual([75]);
  });

  it('lets the latest question win', async () => {
    const { ask, clock, requests } = inlineRig({}, { debounceMs: () => 75 });
    const first = ask('a║');
    const second = ask('ab║');
    expect(await first).toMatchObject({ outcome: 'cancelled', superseded: true, attempts: 0 });
    clock.advance(75);
    expect(await second).toMatchObject({ outcome: 'offered' });
    expect(requests.all).toHaveLength(1);
  });

  it('offers several different ones on request, and only those that fit while one is typed', async () => {
    const { ask } = inlineRig();
    const several = await ask('║', { trigger: 'invoke', candidates: 3 });
    expect(several.candidates).toEqual(['fakeCompletion();', 'fakeSecond();', 'otherThird();']);
    expect((await ask('fake║')).candidates).toEqual(['Completion();', 'Second();']);
    expect((await ask('o║')).text).toBe('therThird();');
  });

  it('asks for several where one is known', async () => {
    const { ask } = inlineRig();
    await ask('║');
    const several = await ask('║', { trigger: 'invoke', candidates: 3 });
    expect(several).toMatchObject({ source: 'engine' });
    expect(several.candidates).toHaveLength(3);
  });

  it('recalls without asking', async () => {
    const { ask, completer, requests } = inlineRig();
    expect(completer.recall(at('a ║'))).toBeUndefined();
    await ask('a ║');
    expect(completer.recall(at('a f║'))).toMatchObject({ text: 'akeCompletion();' });
    expect(requests.all).toHaveLength(1);
  });

  it('asks once more, and only once more, when the engine stops under the question', async () => {
    const { ask, exits } = inlineRig();
    expect(await ask('<crash>║')).toMatchObject({ outcome: 'failed', attempts: 2 });
    expect(exits.all).toHaveLength(2);
    expect(await ask('fine║')).toMatchObject({ outcome: 'offered', attempts: 1 });
  });

  it('answers from the next engine when a running one is killed', async () => {
    const { ask, logs, supervisor } = inlineRig();
    const hanging = ask('<hang>║');
    await logs.first((log) => log.message === 'hanging');
    process.kill(supervisor.pid ?? 0, 'SIGKILL');
    // The next engine hangs at the same place: a later question ends it.
    await logs.first((log) => logs.all.indexOf(log) > 0 && log.message === 'hanging');
    expect(await ask('x║')).toMatchObject({ outcome: 'offered' });
    expect(await hanging).toMatchObject({ outcome: 'cancelled', attempts: 2 });
  });

  it('offers nothing, and says why, when the engine refuses', async () => {
    const { ask } = inlineRig();
    expect(await ask('<error>║')).toMatchObject({ outcome: 'failed', error: 'asked to fail' });
  });
});
