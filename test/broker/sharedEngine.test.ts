import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { isAlive } from '../../scripts/lib/processes.ts';
import { engineKey } from '../../src/rendezvous/engineKey.ts';
import { readRendezvous, rendezvousPaths } from '../../src/rendezvous/rendezvous.ts';
import { until } from '../ui/harness/until.ts';
import { Desk, type TestWindow } from './windows.ts';

const code = 'export function twice(x: number) {\n  return x ║\n}\n';

function ask({ engine }: TestWindow, desk: Desk, path = 'src/twice.ts', text = code) {
  return engine.complete(desk.fixture.at(path, text, { maxTokens: 4 }));
}

function ended(pid: number): Promise<unknown> {
  return until('the engine process to end', () => !isAlive(pid), { timeoutMs: 20_000 });
}

describe('windows on one project', () => {
  it('have one process and one base, evaluated once, and find each other in a file session', async () => {
    const desk = await Desk.create();
    const [first, second] = [desk.open(), desk.open()];
    await Promise.all([first.engine.whenWarm(), second.engine.whenWarm()]);
    expect(second.engine.pid).toBe(first.engine.pid);
    const base = first.engine.status.base;
    expect(base).toMatchObject({ source: 'evaluated' });
    const cold = await ask(first, desk);
    const warm = await ask(second, desk);
    expect(warm.text).toBe(cold.text);
    expect(warm.stats.evaluated).toBeLessThanOrEqual(1);
    const counters = await second.engine.counters();
    expect(counters.baseTokensEvaluated).toBe(base?.evaluated);
    expect(counters).toEqual(await first.engine.counters());
  });

  it('outlive each other; the last one ends the process, and all is saved', async () => {
    const desk = await Desk.create();
    const [first, second] = [desk.open(), desk.open()];
    await Promise.all([first.engine.whenWarm(), second.engine.whenWarm()]);
    const pid = first.engine.pid ?? 0;
    await ask(first, desk);
    expect(await first.engine.shutdown({ timeoutMs: 10_000 })).toMatchObject({ saved: 1 });
    const { stats } = await ask(second, desk);
    expect(stats.reused).toBeGreaterThan(0);
    expect(isAlive(pid)).toBe(true);
    await second.engine.shutdown({ timeoutMs: 10_000 });
    await ended(pid);
    expect(readdirSync(desk.directory).filter((name) => !/\.(lock|log)$/.test(name))).toEqual([]);

    const next = desk.open();
    await next.engine.whenWarm();
    const again = await ask(next, desk);
    expect(again.stats).toMatchObject({ sessionRestored: true });
    expect((await next.engine.counters()).baseTokensEvaluated).toBe(0);
  });

  it('stay for a window that comes back soon', async () => {
    const desk = await Desk.create();
    const first = desk.open({ lingerMs: 60_000 });
    await first.engine.whenWarm();
    const { pid } = first.engine;
    await first.engine.shutdown({ timeoutMs: 10_000 });
    const second = desk.open({ lingerMs: 60_000 });
    await second.engine.whenWarm();
    expect(second.engine.pid).toBe(pid);
    expect((await second.engine.counters()).basesRestored).toBe(0); // it never went
  });

  it('all get a new engine when one of them restarts it, which is no crash', async () => {
    const desk = await Desk.create();
    const [first, second] = [desk.open(), desk.open()];
    await Promise.all([first.engine.whenWarm(), second.engine.whenWarm()]);
    const before = first.engine.pid;
    await first.engine.restart();
    await until('the other window to follow', () => second.engine.pid === first.engine.pid);
    await Promise.all([first.engine.whenWarm(), second.engine.whenWarm()]);
    expect(first.engine.pid).not.toBe(before);
    expect(second.logs.all.filter(({ level }) => level === 'warn')).toEqual([]);
    expect((await second.engine.counters()).baseTokensEvaluated).toBe(0);
  });

  it('survive a kill of the engine: both are answered by one new process', async () => {
    const desk = await Desk.create();
    const [first, second] = [desk.open(), desk.open()];
    await Promise.all([first.engine.whenWarm(), second.engine.whenWarm()]);
    const before = await ask(first, desk);
    const killed = first.engine.pid ?? 0;
    process.kill(killed, 'SIGKILL');
    await Promise.all([first.exits.first(() => true), second.exits.first(() => true)]);
    const answers = await Promise.all([ask(first, desk), ask(second, desk)]);
    expect(answers.map(({ text }) => text)).toEqual([before.text, before.text]);
    expect(first.engine.pid).not.toBe(killed);
    expect(second.engine.pid).toBe(first.engine.pid);
    await first.engine.whenWarm();
    expect((await first.engine.counters()).baseTokensEvaluated).toBe(0);
  });
});

it('answers the window in use first', async () => {
  const desk = await Desk.create();
  const [behind, inUse] = [desk.open(), desk.open()];
  await Promise.all([behind.engine.whenWarm(), inUse.engine.whenWarm()]);
  behind.engine.setFocused(false);
  const order: string[] = [];
  const asked = (window: TestWindow, path: string) =>
    window.engine
      .complete(desk.fixture.at(path, code, { maxTokens: 24, singleLine: false }))
      .then(() => order.push(path));
  const others = ['src/a.ts', 'src/b.ts', 'src/c.ts', 'src/d.ts'].map((path) =>
    asked(behind, path),
  );
  await Promise.all([...others, asked(inUse, 'src/in-use.ts')]);
  // One step of another may have been under way, never its whole answer and that of the next.
  expect(order.indexOf('src/in-use.ts')).toBeLessThan(2);
});

describe('who shares a process', () => {
  it('windows on other projects do: the model is loaded once, and each has its own base', async () => {
    const desk = await Desk.create();
    const other = await desk.otherProject('elsewhere');
    const [first, second] = [desk.open(), desk.open(other)];
    await Promise.all([first.engine.whenWarm(), second.engine.whenWarm()]);
    expect(second.engine.pid).toBe(first.engine.pid);
    expect(second.engine.status.base?.id).not.toBe(first.engine.status.base?.id);
    expect(desk.trace.of('model')).toMatchObject([{ action: 'loaded' }]);
    await Promise.all([ask(first, desk), ask(second, desk)]);
    await first.engine.shutdown({ timeoutMs: 10_000 });
    expect((await ask(second, desk)).stats.reused).toBeGreaterThan(0);
  });

  it('windows with another model, context or version do not', async () => {
    const desk = await Desk.create();
    const windows = [
      desk.open(),
      desk.open({ settings: { contextTokens: 4096 } }),
      desk.open({ change: { extensionVersion: 'next' } }),
    ];
    await Promise.all(windows.map(({ engine }) => engine.whenWarm()));
    expect(new Set(windows.map(({ engine }) => engine.pid)).size).toBe(3);
  });

  it('nobody does without the token', async () => {
    const desk = await Desk.create();
    const window = desk.open();
    await window.engine.whenWarm();
    const { file } = rendezvousPaths(desk.directory, engineKey(desk.params()));
    const rendezvous = await readRendezvous(file);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const endpoint = rendezvous?.endpoint ?? '';
    expect(statSync(endpoint).mode & 0o777).toBe(0o600);
    for (const said of ['wrong\n', `${rendezvous?.token}x\n`, 'x'.repeat(1000), '\n']) {
      const answer = await new Promise<string>((resolve) => {
        let text = '';
        const socket = connect(endpoint, () => socket.write(said));
        socket.on('data', (chunk) => (text += String(chunk))).on('error', () => undefined);
        socket.on('close', () => resolve(text));
      });
      expect(answer).toBe('');
    }
    expect((await ask(window, desk)).stats.generated).toBeGreaterThan(0);
  });

  it.runIf(process.getuid?.() === 0)('no other user does', async () => {
    const desk = await Desk.create();
    chmodSync(desk.fixture.directory, 0o755); // only the folder of the engine is closed
    await desk.open().engine.whenWarm();
    const { file } = rendezvousPaths(desk.directory, engineKey(desk.params()));
    const { endpoint = '' } = (await readRendezvous(file)) ?? {};
    const script = `
      const { connect } = require('node:net');
      const { readFileSync } = require('node:fs');
      let read = 'read';
      try { readFileSync(process.argv[2]); } catch (error) { read = error.code; }
      connect(process.argv[1]).on('connect', () => console.log('in', read)).on('error', ({ code }) => console.log(code, read));
    `;
    const tryIt = (...user: string[]) =>
      execFileSync('setpriv', [...user, process.execPath, '-e', script, endpoint, file], {
        encoding: 'utf8',
        timeout: 20_000,
        killSignal: 'SIGKILL',
      });
    expect(tryIt('--reuid=65534', '--regid=65534', '--clear-groups').trim()).toBe('EACCES EACCES');
  });
});

it('rests when nobody needs it, and comes back with the next request, evaluating nothing again', async () => {
  const desk = await Desk.create();
  const first = desk.open();
  await first.engine.whenWarm();
  const cold = await ask(first, desk);
  await first.engine.shutdown({ timeoutMs: 10_000 });

  const resting = desk.open({ settings: { restAfterMs: 1 } });
  await resting.engine.whenWarm();
  const { pid } = resting.engine;
  await desk.trace.next('model', ({ action }) => action === 'closed', { skip: 2 });
  expect(desk.trace.of('engine').at(-1)).toMatchObject({ state: 'closed' });
  const back = await ask(resting, desk);
  expect(back.text).toBe(cold.text);
  expect(back.stats).toMatchObject({ sessionRestored: true });
  expect((await resting.engine.counters()).baseTokensEvaluated).toBe(0);
  expect(resting.engine.pid).toBe(pid);
  // Not only once.
  const closings = desk.trace.of('model').filter(({ action }) => action === 'closed').length;
  await until('the engine to rest again', () => {
    return desk.trace.of('model').filter(({ action }) => action === 'closed').length > closings;
  });
  expect((await ask(resting, desk)).text).toBe(cold.text);
});

/** More of them by hand: WARMFORK_ROUNDS=100. */
const rounds = Number(process.env['WARMFORK_ROUNDS'] ?? 8);

it(
  'is found by windows that start at the same moment: there is one',
  async () => {
    for (let round = 0; round < rounds; round++) {
      const desk = await Desk.create();
      const windows = [desk.open(), desk.open(), desk.open()];
      await Promise.all(
        windows.map(({ statuses }) => statuses.first(({ state }) => state === 'loadingModel')),
      );
      const pids = new Set(windows.map(({ engine }) => engine.pid));
      expect(pids.size).toBe(1);
      await Promise.all(windows.map(({ engine }) => engine.shutdown({ timeoutMs: 10_000 })));
      await ended([...pids][0] ?? 0);
    }
  },
  rounds * 15_000,
);
