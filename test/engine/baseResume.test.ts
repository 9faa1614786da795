/** A build that ends under way, however it ends: what was evaluated is taken up again. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Engine } from '../../src/engine/engine.ts';
import { Fixture } from './engineFixture.ts';

let fixture: Fixture;
beforeEach(async () => {
  vi.stubEnv('WARMFORK_IDLE_MS', '20');
  fixture = await Fixture.create(project, { baseTokens: 2800 });
});
afterEach(async () => {
  await fixture.remove();
  vi.unstubAllEnvs();
});

/** A map of more than 1,000 tokens, and whole files of as many behind it. */
const project: Readonly<Record<string, string>> = {
  'AGENTS.md': 'Write short functions.\n',
  ...Object.fromEntries(
    Array.from({ length: 40 }, (_, n) => [
      `src/m${n}.ts`,
      Array.from(
        { length: 6 },
        (_, k) =>
          `export function f${n}x${k}(value: number, other: string): number {\n${'  value += 1;\n'.repeat(4)}}\n`,
      ).join(''),
    ]),
  ),
};

/** What an edit of this file changes begins with the first tokens of the base. */
const otherRules = ['AGENTS.md', 'Write long functions.\n'] as const;

const builds = (): string[] => fixture.logs.filter((line) => line.includes('the base is built'));

async function stored(ending: RegExp): Promise<readonly string[]> {
  const names = await readdir(fixture.storage, { recursive: true });
  return names.filter((name) => ending.test(name));
}

/** The base is asked for, and the engine closed when so many tokens are there. */
async function closeUnderWay(engine: Engine, tokens: number): Promise<number> {
  const { baseTokensEvaluated } = await engine.counters();
  const seen = fixture.statuses.length;
  const building = engine.rebuildBase().catch(() => 'ended');
  const isThere = (): boolean =>
    fixture.statuses.slice(seen).some(({ warming }) => (warming?.done ?? 0) >= tokens);
  while (!isThere()) await new Promise((resolve) => setImmediate(resolve));
  await engine.close();
  expect(await building).toBe('ended');
  return (await engine.counters()).baseTokensEvaluated - baseTokensEvaluated;
}

/** What the new base takes when nothing of it is kept. */
async function costOfAll(engine: Engine): Promise<number> {
  await fixture.write('AGENTS.md', project['AGENTS.md'] ?? '');
  const { id } = engine.status.base ?? {};
  expect(await engine.rebuildBase()).toMatchObject({ source: 'restored' });
  for (const name of await stored(new RegExp(`base-${id ?? 'none'}`)))
    await rm(join(fixture.storage, name));
  await fixture.write(...otherRules);
  return (await engine.rebuildBase()).evaluated;
}

describe('a base that is built beside the one that serves', () => {
  it('goes on where it was when the window was closed: no token is evaluated twice', async () => {
    const first = fixture.start();
    const before = (await first.whenWarm()).base;
    await fixture.write(...otherRules);
    const evaluated = await closeUnderWay(first, 1500);
    expect(evaluated).toBeGreaterThan(1000);

    const second = fixture.start();
    const { base } = await second.whenWarm();
    expect(base?.id).not.toBe(before?.id);
    expect(builds().at(-1)).toContain('unfinished');
    const rest = (await second.counters()).baseTokensEvaluated;
    expect(base?.evaluated).toBe(rest);
    // The part has served its purpose, and the former base may come back.
    expect(await stored(/files.*\.session$/)).toEqual([]);
    expect(await stored(/base-\w+\.session$/)).toHaveLength(2);
    expect(evaluated + rest).toBe(await costOfAll(second));
  });

  it('goes on at a request when a person has stopped it, and not by itself', async () => {
    const engine = fixture.start();
    const before = (await engine.whenWarm()).base;
    await fixture.write(...otherRules);
    const seen = fixture.statuses.length;
    const building = engine.rebuildBase();
    building.catch(() => undefined); // awaited below
    const isThere = (): boolean =>
      fixture.statuses.slice(seen).some(({ warming }) => (warming?.done ?? 0) >= 1500);
    while (!isThere()) await new Promise((resolve) => setImmediate(resolve));
    await engine.stopBuilding();
    await expect(building).rejects.toThrow('stopped');
    expect(engine.status).toMatchObject({ state: 'ready', base: { id: before?.id } });
    const evaluated = (await engine.counters()).baseTokensEvaluated - (before?.tokens ?? 0);
    // It looks when something changes, and leaves it at that.
    await engine.projectChanged({ uris: [], incomplete: true });
    const looks = (): number => fixture.logs.filter((line) => line.includes('lacks')).length;
    const looked = looks();
    await vi.waitFor(() => expect(looks()).toBeGreaterThan(looked), { timeout: 60_000 });
    expect(builds()).toHaveLength(2);

    const { evaluated: rest, tokens } = await engine.rebuildBase();
    expect(evaluated).toBeGreaterThan(1000);
    expect(evaluated + rest).toBeLessThanOrEqual(tokens);
    expect(engine.status.base?.id).not.toBe(before?.id);
  });

  it('is of use as far as the project is the same when it goes on', async () => {
    const first = fixture.start();
    await first.whenWarm();
    await fixture.write(...otherRules);
    const evaluated = await closeUnderWay(first, 2300);
    // One of the whole files, of which some are in the part.
    await fixture.write('src/m1.ts', `${project['src/m1.ts'] ?? ''}// changed\n`);
    const second = fixture.start();
    await second.whenWarm();
    const { tokens, evaluated: rest } = await second.rebuildBase();
    expect(rest).toBeGreaterThan(tokens - evaluated);
    expect(rest).toBeLessThan(tokens - 1000);
  });

  it('leaves nothing that was excluded meanwhile', async () => {
    const first = fixture.start();
    await first.whenWarm();
    await fixture.write(...otherRules);
    await closeUnderWay(first, 2000);
    expect(await stored(/files.*\.session$/)).toHaveLength(1);
    // As it was, and other files may be shown: the present base is the right one.
    await fixture.write('AGENTS.md', project['AGENTS.md'] ?? '');
    const { workspace } = fixture.initializeParams();
    const context = { include: [], exclude: ['/elsewhere'] };
    const second = fixture.start({}, { workspace: { ...workspace, context } });
    const { base } = await second.whenWarm();
    expect(base).toMatchObject({ source: 'restored' });
    expect(await stored(/files.*\.session$/)).toEqual([]);
  });

  it('has what it had at the last end of a layer when the engine was killed', async () => {
    const first = fixture.start();
    await first.whenWarm();
    await first.close();
    await fixture.write(...otherRules);
    const script = fileURLToPath(new URL('children/killedBuild.ts', import.meta.url));
    const params = JSON.stringify(fixture.initializeParams());
    const child = fork(script, [params], { execArgv: ['--import', 'tsx'] });
    expect((await once(child, 'exit')) as unknown[]).toEqual([null, 'SIGKILL']);
    expect(await stored(/files.*\.session$/)).toHaveLength(1);

    const second = fixture.start();
    await second.whenWarm();
    expect(builds().at(-1)).toContain('unfinished');
    const rest = (await second.counters()).baseTokensEvaluated;
    expect(rest).toBeGreaterThan(0);
    expect(rest).toBeLessThan((second.status.base?.tokens ?? 0) - 1000);
  });
});

describe('a first base, put in place layer by layer', () => {
  it('leaves nothing of its beginnings on the disk', async () => {
    const engine = fixture.start();
    await engine.whenWarm();
    expect((await engine.counters()).baseTokensEvaluated).toBe(engine.status.base?.tokens);
    // There was one of them.
    expect(fixture.statuses.filter(({ base }) => base !== undefined)).not.toEqual([]);
    expect(await stored(/base-\w+\.session$/)).toHaveLength(1);
    expect(await stored(/\.cells$/)).toHaveLength(1);
  });

  it('goes on within a layer when the window was closed', async () => {
    const first = fixture.start();
    const isThere = (): boolean =>
      fixture.statuses.some(({ warming }) => (warming?.done ?? 0) >= 2300);
    while (!isThere()) await new Promise((resolve) => setImmediate(resolve));
    await first.close();
    const evaluated = (await first.counters()).baseTokensEvaluated;
    expect(await stored(/\.cells$/)).toEqual([]);
    const second = fixture.start();
    const { base } = await second.whenWarm();
    const rest = (await second.counters()).baseTokensEvaluated;
    expect(evaluated + rest).toBe(base?.tokens);
    expect(await stored(/\.session$/)).toHaveLength(1);
    expect(await stored(/\.cells$/)).toHaveLength(1);
  });
});
