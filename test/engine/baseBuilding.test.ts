/** The base while it is built, swapped and shared: nobody waits for it, nobody changes its file. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Engine } from '../../src/engine/engine.ts';
import type { EngineCounters } from '../../src/protocol/status.ts';
import { Fixture, never } from './engineFixture.ts';

let fixture: Fixture;
afterEach(() => fixture.remove());

/** Enough text for a base whose prefill takes many ubatches. */
const largerProject = Object.fromEntries(
  Array.from({ length: 30 }, (_, file) => [
    `src/module${String(file).padStart(2, '0')}.ts`,
    Array.from(
      { length: 30 },
      (_, line) =>
        `export function f${file}x${line}(value: number): number {\n  return value + ${line};\n}\n`,
    ).join(''),
  ]),
);

/** Resolves when the base is being evaluated. */
async function warming(): Promise<void> {
  while (!fixture.statuses.some(({ warming }) => (warming?.done ?? 0) > 0))
    await new Promise((resolve) => setImmediate(resolve));
}

describe('building the base', () => {
  it('gives way to completions, and loses nothing by it', async () => {
    fixture = await Fixture.create(largerProject);
    const engine = fixture.start({ baseTokens: 4000 });
    await warming();
    const request = fixture.at('src/a.ts', 'const one = 1;\nconst two║\n', { maxTokens: 2 });
    for (let at = 0; at < 3; at++)
      expect((await engine.complete(request, never)).stats.generated).toBeGreaterThan(0);
    expect(fixture.statuses.at(-1)?.state).toBe('warming');
    const { base } = await engine.whenWarm();
    const counters = await engine.counters();
    expect(counters.decodesAborted).toBeGreaterThan(0);
    // Being interrupted is no error.
    expect(fixture.logs.filter((line) => /^(error|warn)/.test(line))).toEqual([]);
    expect(counters.baseTokensEvaluated).toBe(base?.tokens);
  });

  it('gives way to an answer from its first token to its last', async () => {
    fixture = await Fixture.create(largerProject);
    const engine = fixture.start({ baseTokens: 4000 });
    await warming();
    let begun: Promise<EngineCounters> | undefined;
    const messages = [{ role: 'user', content: 'What does f0x0 do?' }] as const;
    const params = { chatId: 'c', messages, maxTokens: 12 };
    const { stats } = await engine.chat(params, never, () => {
      begun ??= engine.counters();
    });
    const before = await begun;
    const after = await engine.counters();
    expect(fixture.statuses.at(-1)?.state).toBe('warming');
    expect(after.decodeCalls - (before?.decodeCalls ?? 0)).toBeLessThan(stats.generated);
  });

  it('goes on while the old base serves: every completion is answered, before and after the swap', async () => {
    fixture = await Fixture.create(largerProject);
    const engine = fixture.start({ baseTokens: 600 });
    const { base } = await engine.whenWarm();
    await fixture.write('src/module00.ts', 'export const changed = true;\n'.repeat(40));
    let building = true;
    const rebuilt = engine.rebuildBase().finally(() => (building = false));
    const served = new Set<number>();
    while (building) served.add(await reusedBy(engine));
    served.add(await reusedBy(engine));
    const { id, tokens } = await rebuilt;
    expect(id).not.toBe(base?.id);
    // Each was served by one of the two bases, and the last one by the new one.
    expect([...served].at(0)).toBe(base?.tokens);
    expect([...served].at(-1)).toBe(tokens);
  });

  it('finds a base again that it had before', async () => {
    fixture = await Fixture.create(largerProject);
    const engine = fixture.start({ baseTokens: 1500 });
    const first = (await engine.whenWarm()).base;
    const text = largerProject['src/module00.ts'] ?? '';
    await fixture.write('src/module00.ts', `// changed\n${text}`);
    await engine.rebuildBase();
    const before = await engine.counters();
    await fixture.write('src/module00.ts', text);
    const again = await engine.rebuildBase();
    expect(again).toMatchObject({ id: first?.id, source: 'restored', evaluated: 0 });
    const after = await engine.counters();
    expect(after.tokensEvaluated).toBe(before.tokensEvaluated);
  });
});

describe('a base whose file has gone', () => {
  it('is written again on request, without evaluating anything', async () => {
    fixture = await Fixture.create();
    const engine = fixture.start();
    await engine.whenWarm();
    expect(await engine.clear()).toMatchObject({ removed: 1 });
    expect(await baseHashes()).toHaveLength(0);
    const { tokensEvaluated } = await engine.counters();
    expect(await engine.rebuildBase()).toMatchObject({ persisted: true });
    expect(await baseHashes()).toHaveLength(1);
    expect((await engine.counters()).tokensEvaluated).toBe(tokensEvaluated);
  });
});

describe('a published base', () => {
  it('is never changed by those who use it', async () => {
    fixture = await Fixture.create();
    const first = fixture.start();
    await first.whenWarm();
    await first.close();
    const before = await baseHashes();
    expect(before).toHaveLength(1);
    const second = fixture.start();
    await second.whenWarm();
    await second.complete(fixture.at('src/a.ts', 'const a║'), never);
    const messages = [{ role: 'user', content: 'hello' }] as const;
    await second.chat({ chatId: 'c', messages, maxTokens: 8 }, never, () => undefined);
    await second.saveAll();
    expect(await baseHashes()).toEqual(before);
    await second.close();
    expect(await baseHashes()).toEqual(before);
  });

  it('serves several windows at once', async () => {
    fixture = await Fixture.create();
    const first = fixture.start();
    const { base } = await first.whenWarm();
    const others = [fixture.start(), fixture.start()];
    for (const other of others) {
      expect((await other.whenWarm()).base).toMatchObject({ id: base?.id, source: 'restored' });
      expect((await other.counters()).baseTokensEvaluated).toBe(0);
    }
  });
});

/** Tokens that one completion in a new file found in the cells: those of the base. */
async function reusedBy(engine: Engine): Promise<number> {
  const name = `src/new${Math.random()}.ts`;
  const request = fixture.at(name, 'const value║\n', { maxTokens: 1 });
  const { stats } = await engine.complete(request, never);
  expect(stats.generated).toBe(1);
  return stats.reused;
}

async function baseHashes(): Promise<string[]> {
  const names = await readdir(fixture.storage, { recursive: true });
  const bases = names.filter((name) => /base-\w+\.session$/.test(name)).sort();
  return Promise.all(
    bases.map(async (name) => {
      const bytes = await readFile(join(fixture.storage, name));
      return `${name} ${createHash('sha256').update(bytes).digest('hex')}`;
    }),
  );
}
