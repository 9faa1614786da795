import { describe, expect, it } from 'vitest';
import { completion, isAlive, ManualClock, startRig } from './helpers.ts';

describe('EngineSupervisor', () => {
  it('starts a crashed engine again and answers the next request with it', async () => {
    const { supervisor, exits } = startRig();
    await supervisor.whenWarm();
    const before = supervisor.pid;
    await expect(supervisor.complete(completion('<crash>'))).rejects.toThrow();
    const result = await supervisor.complete(completion('x'));
    expect(result.text).toBe('fakeCompletion();');
    expect(supervisor.pid).not.toBe(before);
    expect(exits.all).toMatchObject([{ signal: 'SIGKILL', expected: false }]);
  });

  it('does the same when the engine is killed from outside', async () => {
    const { supervisor, exits } = startRig();
    await supervisor.whenWarm();
    process.kill(supervisor.pid ?? 0, 'SIGKILL');
    await exits.first(() => true);
    expect((await supervisor.whenWarm()).state).toBe('ready');
  });

  it('starts a new one at once when another window ends the engine, which is no crash', async () => {
    const clock = new ManualClock();
    const { supervisor, exits } = startRig({}, { clock });
    await supervisor.whenWarm();
    const before = supervisor.pid;
    await Promise.allSettled([supervisor.complete(completion('<endedElsewhere>'))]);
    await exits.first(() => true);
    expect((await supervisor.whenWarm()).state).toBe('ready');
    expect(supervisor.pid).not.toBe(before);
    expect(clock.delays.all).not.toContain(250); // the wait after a crash
  });

  it('waits across a crash for a warm engine', async () => {
    const { supervisor, statuses } = startRig({ stepMs: 20 });
    const warm = supervisor.whenWarm();
    await statuses.first((status) => status.state === 'warming');
    process.kill(supervisor.pid ?? 0, 'SIGKILL');
    expect((await warm).state).toBe('ready');
  });

  it('waits longer after each crash, gives up in words, and a restart begins anew', async () => {
    const clock = new ManualClock();
    const { supervisor, statuses, exits } = startRig(
      { dieAtStart: true },
      { clock, restartPolicy: {} },
    );
    for (const delay of [250, 500, 1000, 2000]) {
      await clock.delays.first((value) => value === delay);
      expect(supervisor.status.message).toContain(`again in ${delay} ms`);
      clock.advance(delay);
    }
    const failed = await statuses.first((status) => status.state === 'failed');
    expect(failed.message).toContain('ended with code 3');
    expect(exits.all).toHaveLength(5);
    expect(clock.pending).toBe(0);
    await expect(supervisor.complete(completion('x'))).rejects.toMatchObject({
      code: 'ERR_WARMFORK_ENGINE_FAILED',
    });
    void supervisor.restart().catch(() => undefined);
    await statuses.first((status) => status.message?.includes('again in 250 ms') ?? false);
    expect(supervisor.status.state).toBe('starting');
  });

  it('does not start again an engine that refuses', async () => {
    const { supervisor, statuses, exits } = startRig({ refuse: 'no such model' });
    const failed = await statuses.first((status) => status.state === 'failed');
    expect(failed.message).toContain('no such model');
    await exits.first(() => true);
    expect(exits.all).toMatchObject([{ expected: true }]);
    await expect(supervisor.whenWarm()).rejects.toThrow('no such model');
  });

  it('says why an engine cannot be started at all', async () => {
    const { statuses } = startRig(
      {},
      { execPath: '/nowhere/node', restartPolicy: { maxCrashes: 1 } },
    );
    const failed = await statuses.first((status) => status.state === 'failed');
    expect(failed.message).toContain('ENOENT');
  });

  it('ends an engine that does not answer initialize in time', async () => {
    const clock = new ManualClock();
    const { exits } = startRig({ neverInitialize: true }, { clock, initializeTimeoutMs: 700 });
    await clock.delays.first((value) => value === 700);
    clock.advance(700);
    expect(await exits.first(() => true)).toMatchObject({ signal: 'SIGKILL', expected: false });
  });

  it('bounds how long a completion waits for an engine', async () => {
    const clock = new ManualClock();
    const { supervisor } = startRig({ neverInitialize: true }, { clock });
    const waiting = supervisor.complete(completion('x'));
    clock.advance(5000);
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_WARMFORK_ENGINE_NOT_READY' });
  });

  it('lets a waiting request be cancelled', async () => {
    const { supervisor } = startRig({ neverInitialize: true });
    const abort = new AbortController();
    const waiting = supervisor.complete(completion('x'), abort.signal);
    abort.abort(new Error('typed on'));
    await expect(waiting).rejects.toThrow('typed on');
  });

  it('restarts once when asked twice, and ends the old process', async () => {
    const { supervisor, exits } = startRig();
    await supervisor.whenWarm();
    const old = supervisor.pid ?? 0;
    await Promise.all([supervisor.restart(), supervisor.restart()]);
    expect(isAlive(old)).toBe(false);
    expect(supervisor.pid).not.toBe(old);
    expect(exits.all).toMatchObject([{ code: 0, expected: true }]);
  });

  it('shuts down with the answer of the engine, and stays shut', async () => {
    const { supervisor, exits } = startRig();
    await supervisor.saveFileSession('file:///a.ts');
    const pid = supervisor.pid ?? 0;
    expect(await supervisor.shutdown({ timeoutMs: 60_000 })).toEqual({ saved: 1, bytes: 4096 });
    expect(isAlive(pid)).toBe(false);
    expect(exits.all).toMatchObject([{ code: 0, expected: true }]);
    await expect(supervisor.counters()).rejects.toMatchObject({
      code: 'ERR_WARMFORK_ENGINE_CLOSED',
    });
    await expect(supervisor.restart()).rejects.toMatchObject({
      code: 'ERR_WARMFORK_ENGINE_CLOSED',
    });
  });

  it('waits no longer than it may for an engine that does not end, and does not kill it', async () => {
    const clock = new ManualClock();
    const { supervisor } = startRig({ ignoreShutdown: true }, { clock });
    await supervisor.whenWarm();
    const pid = supervisor.pid ?? 0;
    const ending = supervisor.shutdown({ timeoutMs: 4000 });
    clock.advance(4000);
    expect(await ending).toBeUndefined();
    expect(isAlive(pid)).toBe(true);
    process.kill(pid, 'SIGKILL');
  });

  it('leaves no timer behind', async () => {
    const clock = new ManualClock();
    const { supervisor } = startRig({}, { clock });
    await supervisor.complete(completion('x'));
    await supervisor.restart();
    await supervisor.shutdown({ timeoutMs: 4000 });
    expect(clock.pending).toBe(0);
  });
});
