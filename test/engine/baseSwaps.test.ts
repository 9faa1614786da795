/** A base that is swapped again and again while somebody types: every answer comes, and is that of the base it names. */

import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Engine } from '../../src/engine/engine.ts';
import { Fixture, never } from './engineFixture.ts';

const swaps = 100;
const versions = ['return a + b;', 'const sum = a + b;\n  return sum;'] as const;

let fixture: Fixture;

beforeAll(async () => {
  fixture = await Fixture.create();
});
afterAll(() => fixture.remove());

function write(version: number): Promise<void> {
  const text = `export function add(a: number, b: number): number {\n  ${versions[version] ?? ''}\n}\n`;
  return fixture.write('src/add.ts', text);
}

function ask(engine: Engine, document: number): Promise<{ text: string; baseId: string }> {
  const code = `import { add } from './add.ts';\n\nexport const n${document} = ║\n`;
  const request = fixture.at(`src/file${document}.ts`, code, { maxTokens: 4 });
  return engine.complete(request, never).then(({ text, baseId = '' }) => ({ text, baseId }));
}

it(`${swaps} swaps under a load of completions`, async () => {
  const engine = fixture.start({ baseTokens: 600 });
  const expected = new Map<string, readonly string[]>();
  for (const version of [0, 1]) {
    await write(version);
    await engine.whenWarm();
    const { id } = await engine.rebuildBase();
    const texts = [];
    for (let document = 0; document < 3; document++) {
      await engine.discardFile(fixture.at(`src/file${document}.ts`, '').uri);
      texts.push((await ask(engine, document)).text);
    }
    expected.set(id, texts);
  }
  expect(expected.size).toBe(2);

  const before = await engine.counters();
  let swapping = true;
  let answers = 0;
  const wrong: unknown[] = [];
  const typing = [0, 1, 2].map(async (document) => {
    while (swapping) {
      const { text, baseId } = await ask(engine, document);
      answers++;
      if (text !== expected.get(baseId)?.[document]) wrong.push({ document, text, baseId });
    }
  });
  for (let swap = 0; swap < swaps; swap++) {
    await write(swap % 2);
    const { source, evaluated } = await engine.rebuildBase();
    expect({ source, evaluated }).toEqual({ source: 'restored', evaluated: 0 });
  }
  swapping = false;
  await Promise.all(typing);

  expect(wrong).toEqual([]);
  expect(answers).toBeGreaterThan(swaps);
  const after = await engine.counters();
  expect(after.basesRestored - before.basesRestored).toBe(swaps);
  expect(after.baseTokensEvaluated).toBe(before.baseTokensEvaluated);
  expect(fixture.logs.filter((line) => /^(error|warn)/.test(line))).toEqual([]);
});
