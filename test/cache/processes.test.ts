import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { StoreStep } from '../../src/cache/storeTypes.ts';
import { StoreFixture } from './storeFixture.ts';
import { baseIdOf, publish } from './storeValues.ts';

const fixture = new StoreFixture();
const baseId = baseIdOf('a');

/** Runs a script of this folder to its end: its exit code, or the signal that ended it. */
async function run(script: string, args: readonly string[]): Promise<unknown> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = fork(path, args, { execArgv: ['--import', 'tsx'] });
  const [code, signal] = (await once(child, 'exit')) as unknown[]; // typed any[] by Node
  return signal ?? code;
}

const outcomes: readonly (readonly [StoreStep, 'absent' | 'valid'])[] = [
  ['synced', 'absent'],
  ['renamed', 'absent'],
  ['described', 'valid'],
];

test.each(outcomes)('a publisher killed when %s leaves the base %s', async (step, outcome) => {
  expect(await run('crashingPublisher.ts', [fixture.root, step])).toBe('SIGKILL');
  const store = await fixture.open();
  const found = await store.findBase(baseId);
  expect(found === undefined ? 'absent' : 'valid').toBe(outcome);
  expect(store.counters.rejected).toEqual({});
  if (found !== undefined) expect(found).toMatchObject({ clean: true, fileBytes: 1000 });

  // The next window simply publishes it again, and no leftover stays.
  expect(await publish(store, baseId)).toMatchObject({ clean: true });
  await store.evict({ mapped: new Set() });
  expect((await store.diskUsage()).sessions).toBe(1);
});

test('a publisher that is not killed publishes', async () => {
  expect(await run('crashingPublisher.ts', [fixture.root, 'never'])).toBe(0);
  const store = await fixture.open();
  expect(await store.findBase(baseId)).toBeDefined();
});

test('windows that work at the same time neither fail nor leave disorder', async () => {
  const seed = Number(process.env['WARMFORK_TEST_SEED'] ?? Date.now() % 1e9);
  console.log(`seed ${seed}`);
  const seeds = [seed, seed + 1, seed + 2];
  const ends = await Promise.all(
    seeds.map((one) => run('busyWindow.ts', [fixture.root, `${one}`, '150'])),
  );
  expect(ends).toEqual([0, 0, 0]);

  // What they cut short, or mixed up by publishing one base at once, a look-up sorts out.
  const store = await fixture.open();
  for (const name of ['0', '1', '2', '3']) {
    await store.findBase(baseIdOf(name));
    await store.fileSession(`file:///${name}`, baseId);
  }
  fixture.advance(2 * 3600_000);
  await store.evict({ mapped: new Set() });
});
