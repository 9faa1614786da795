import { readFile } from 'node:fs/promises';
import { describe, expect, it, vi } from 'vitest';
import { EngineError, EngineGoneError } from '../../src/client/engineError.ts';
import * as protocol from '../../src/protocol/protocol.ts';
import { completion, fakeEngine, startRig } from './helpers.ts';

describe('requests', () => {
  it('reports the way to a warm engine', async () => {
    const { supervisor, statuses } = startRig({ stepMs: 1 });
    const warm = await supervisor.whenWarm();
    expect(warm).toMatchObject({ state: 'ready', base: { tokens: 1234, source: 'restored' } });
    const states = statuses.all.map((status) => status.state);
    expect(states[0]).toBe('starting');
    expect(new Set(states)).toEqual(new Set(['starting', 'loadingModel', 'warming', 'ready']));
    expect(supervisor.status).toEqual(statuses.all.at(-1));
  });

  it('answers a completion asked for before the engine is connected', async () => {
    const { supervisor } = startRig();
    const result = await supervisor.complete(completion('const x = '));
    expect(result.text).toBe('fakeCompletion();');
    expect((await supervisor.counters()).completions).toBe(1);
  });

  it('streams a chat answer in order and ends with the whole text', async () => {
    const { supervisor } = startRig();
    const deltas: string[] = [];
    const params = { chatId: 'c', messages: [{ role: 'user' as const, content: 'hello' }] };
    const result = await supervisor.chat(params, (delta) => deltas.push(delta.text));
    expect(deltas.length).toBeGreaterThan(3);
    expect(deltas.join('')).toBe(result.text);
    expect(result.text).toContain('You said: hello');
  });

  it('cancels at the engine, and settles at once', async () => {
    const { supervisor, logs } = startRig();
    const abort = new AbortController();
    const hanging = supervisor.complete(completion('<hang>'), abort.signal);
    await logs.first((log) => log.message === 'hanging');
    abort.abort();
    await expect(hanging).rejects.toBe(abort.signal.reason);
    expect((await supervisor.counters()).decodesAborted).toBe(1);
  });

  it('does not send a request that was cancelled before', async () => {
    const { supervisor } = startRig();
    await expect(
      supervisor.complete(completion('x'), AbortSignal.abort(new Error('late'))),
    ).rejects.toThrow('late');
    expect((await supervisor.counters()).completions).toBe(0);
  });

  it('keeps what a stopped chat had said', async () => {
    const { supervisor } = startRig({ stepMs: 1, answer: 'word '.repeat(5000) });
    const abort = new AbortController();
    const params = { chatId: 'c', messages: [{ role: 'user' as const, content: 'go' }] };
    const result = await supervisor.chat(params, () => abort.abort(), abort.signal);
    expect(result.stopReason).toBe('cancelled');
    expect(result.text.length).toBeGreaterThan(0);
  });

  it('hands an error of the engine to the caller with a stable code', async () => {
    const { supervisor } = startRig();
    const failure = supervisor.complete(completion('<error>'));
    await expect(failure).rejects.toThrow(EngineError);
    await expect(failure).rejects.toMatchObject({
      code: 'ERR_WARMFORK_ENGINE_ANSWER',
      message: 'asked to fail',
    });
  });

  it('carries every session request', async () => {
    const { supervisor } = startRig();
    const uri = 'file:///a.ts';
    expect(await supervisor.saveFileSession(uri)).toEqual({ saved: 1, bytes: 4096 });
    expect(await supervisor.listSessions()).toMatchObject([{ kind: 'file', id: uri }]);
    expect(await supervisor.closeFileSession(uri)).toEqual({ saved: 1, bytes: 4096 });
    expect(await supervisor.saveAllSessions()).toEqual({ saved: 1, bytes: 4096 });
    expect(await supervisor.verifySessions()).toMatchObject({ problems: [], bytes: 4096 });
    expect(await supervisor.discardFileSession(uri)).toMatchObject({ removed: 1 });
    expect(await supervisor.clearSessions()).toMatchObject({ removed: 0 });
    await supervisor.whenWarm();
    expect(await supervisor.rebuildBase()).toMatchObject({ source: 'evaluated' });
  });

  it('leaves no listener on a signal', async () => {
    const { supervisor } = startRig();
    const { signal } = new AbortController();
    const added = vi.spyOn(signal, 'addEventListener');
    const removed = vi.spyOn(signal, 'removeEventListener');
    await supervisor.complete(completion('x'), signal);
    expect(added).toHaveBeenCalled();
    expect(removed).toHaveBeenCalledTimes(added.mock.calls.length);
  });

  it('rejects what was under way when the engine crashes', async () => {
    const { supervisor } = startRig();
    const crashed = supervisor.complete(completion('<crash>'));
    const bystander = supervisor.complete(completion('<hang>'));
    await expect(crashed).rejects.toBeInstanceOf(EngineGoneError);
    await expect(bystander).rejects.toMatchObject({ code: 'ERR_WARMFORK_ENGINE_GONE' });
  });

  it('tell of changes and choices only an engine that runs', async () => {
    const { supervisor } = startRig();
    const change = { uris: ['file:///a.ts'], incomplete: false };
    await supervisor.projectChanged(change); // still starting: nobody is told, nothing fails
    await supervisor.whenWarm();
    const choice = { include: ['/a'], exclude: ['/b'] };
    await supervisor.chooseContext(choice);
    await supervisor.projectChanged(change);
    supervisor.setFocused(false);
    const { items } = await supervisor.contextReport();
    expect(items.map(({ layer, path }) => [layer, JSON.parse(path) as unknown])).toEqual([
      ['window/focused', { focused: true }], // when it connects
      ['project/choose', choice],
      ['project/changed', change],
      ['window/focused', { focused: false }],
    ]);
  });

  it('covers the whole protocol in its fake engine', async () => {
    const { supervisor } = startRig();
    await supervisor.whenWarm();
    const source = await readFile(fakeEngine, 'utf8');
    for (const value of Object.values(protocol)) {
      if (typeof value !== 'object' || !('method' in value)) continue;
      expect(source).toMatch(new RegExp(`['\\s]${value.method}['(:,]`));
    }
  });
});
