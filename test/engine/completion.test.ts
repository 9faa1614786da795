/** Completions by the real engine: what is evaluated, what is offered, what is left alone. Shown by counters. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Engine } from '../../src/engine/engine.ts';
import type { CompletionParams, CompletionResult } from '../../src/protocol/requests.ts';
import type { EngineSettings } from '../../src/protocol/settings.ts';
import { Fixture, never } from './engineFixture.ts';

/** One engine for all tests that leave it as it was; each has a file of its own. */
let shared: { readonly fixture: Fixture; readonly engine: Engine };
let fixture: Fixture;
let path: string;
let files = 0;

beforeAll(async () => {
  const first = await Fixture.create();
  shared = { fixture: first, engine: first.start() };
  await shared.engine.whenWarm();
});
beforeEach(() => {
  fixture = shared.fixture;
  path = `src/edited${++files}.ts`;
});
afterEach(async () => {
  if (fixture !== shared.fixture) await fixture.remove();
});
afterAll(() => shared.fixture.remove());

/** An engine for this test alone. */
async function ownEngine(settings: Partial<EngineSettings> = {}): Promise<Engine> {
  fixture = await Fixture.create(undefined, settings);
  const engine = fixture.start();
  await engine.whenWarm();
  return engine;
}

/** Asks at `║`, in the test's own file. */
function ask(
  engine: Engine,
  text: string,
  change: Partial<CompletionParams> = {},
): Promise<CompletionResult> {
  return engine.complete(fixture.at(path, text, change), never);
}

/** Prompt tokens above the base. */
function ownTokens(engine: Engine, { stats }: CompletionResult): number {
  return stats.promptTokens - (engine.status.base?.tokens ?? 0);
}

/** Ends the engine and gives the tokens that the next one finds in the file of the test's session. */
async function savedTokens(engine: Engine): Promise<number | undefined> {
  await engine.close();
  const next = fixture.start();
  await next.whenWarm();
  const { uri } = fixture.at(path, '');
  const sessions = await next.sessions();
  return sessions.find((session) => session.kind === 'file' && session.id === uri)?.tokens;
}

const block = 'const first = 1;\n║\n\nexport {};\n';
const accept = (text: string, suggestion: string): string => text.replace('║', `${suggestion}║`);

describe('after accepting', () => {
  it('goes on from the tokens that were generated, over lines too', async () => {
    const { engine } = shared;
    let text = block;
    let lines = 0;
    let accepted = 0;
    for (let round = 0; round < 4; round++) {
      const change = { maxTokens: 40, singleLine: false };
      const offered = await ask(engine, text, change);
      // The last token is always evaluated; where a suggestion was cut in a token, that one is spelled again.
      if (round > 0) expect(offered.stats.evaluated, `round ${round}`).toBeLessThanOrEqual(4);
      if (offered.text === '') break;
      accepted += offered.stats.generated;
      lines += offered.text.split('\n').length - 1;
      text = accept(text, offered.text);
    }
    expect(lines).toBeGreaterThan(1);
    expect(accepted).toBeGreaterThan(20);
  });

  it('evaluates nothing of it when a part was accepted, or typed', async () => {
    const { engine } = shared;
    for (const part of [0.3, 0.6, 0.9]) {
      const { text, stats } = await ask(engine, block, { maxTokens: 40, singleLine: false });
      expect(stats.generated).toBeGreaterThan(8);
      const length = Math.floor(text.length * part);
      const next = await ask(engine, accept(block, text.slice(0, length)), { maxTokens: 1 });
      expect(next.stats.evaluated).toBeLessThanOrEqual(5);
    }
  });

  it('keeps nothing of what was only suggested in the session file', async () => {
    const engine = await ownEngine();
    const shown = await ask(engine, block, { maxTokens: 40, singleLine: false });
    expect(shown.stats.generated).toBeGreaterThan(8);
    expect(await savedTokens(engine)).toBe(ownTokens(engine, shown));
  });
});

describe('typing', () => {
  it('costs two tokens a key at the median and never a window, over line ends and closed brackets', async () => {
    const { engine } = shared;
    const head = 'const first = 1;\n'.repeat(30);
    const tail = '\nexport const last = 2;\n'.repeat(10);
    const typed = 'function total(items) {\n  return items.map((item) => item.price[0]);\n}\n';
    const closers: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };
    let open = '';
    const costs: number[] = [];
    for (let end = 0; end <= typed.length; end++) {
      const key = typed[end - 1] ?? '';
      // As the editor closes brackets, and types over them.
      if (key in closers) open = closers[key]! + open;
      else if (key !== '' && open.startsWith(key)) open = open.slice(1);
      const text = `${head}${typed.slice(0, end)}║${open}${tail}`;
      const { stats } = await ask(engine, text, { maxTokens: 2 });
      if (end > 0) costs.push(stats.evaluated);
    }
    const sorted = costs.toSorted((a, b) => a - b);
    expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThanOrEqual(2);
    expect(sorted.at(-1)).toBeLessThanOrEqual(8);
  });
});

describe('coming back to a place', () => {
  const file = (top: string, typed: string): string => {
    const line = (number: number): string => `export const value${number} = ${number};\n`;
    const lines = Array.from({ length: 300 }, (_, number) => line(number));
    return `${top}${lines.slice(0, 150).join('')}${typed}${lines.slice(150).join('')}`;
  };

  it('costs nothing, even when lines came in above it', async () => {
    const { engine } = shared;
    const there = await ask(engine, file('', 'const sum = ║\n'), { maxTokens: 2 });
    expect(there.stats.evaluated).toBeGreaterThan(200);
    const top = await ask(engine, file('// new ║\n', 'const sum = \n'), { maxTokens: 2 });
    expect(top.stats.evaluated).toBeGreaterThan(20);
    const back = await ask(engine, file('// new line\n', 'const sum = v║\n'), { maxTokens: 2 });
    expect(back.stats.evaluated).toBeLessThanOrEqual(3);
    const topAgain = await ask(engine, file('// new line║\n', 'const sum = v\n'), { maxTokens: 2 });
    expect(topAgain.stats.evaluated).toBeLessThanOrEqual(3);
  });

  it('goes on where it was when an import comes in far above, and takes it in when nobody waits', async () => {
    const { engine } = shared;
    const body = 'export const value = compute(first, second);\n'.repeat(40);
    const added = "import { compute } from './compute.ts';\n";
    const before = await ask(engine, `// top\n${body}const a = ║\n`, { maxTokens: 2 });
    const now = (typed: string): string => `// top\n${added}${body}const a = ${typed}║\n`;
    const stale = await ask(engine, now('c'), { maxTokens: 2 });
    expect(stale.stats.evaluated).toBeLessThanOrEqual(3);
    const costs: number[] = [];
    const askAgain = async (): Promise<number> => {
      const { stats } = await ask(engine, now('co'), { maxTokens: 2 });
      costs.push(stats.evaluated);
      return stats.promptTokens - before.stats.promptTokens;
    };
    // The import is some ten tokens.
    await expect.poll(askAgain, { timeout: 60_000 }).toBeGreaterThan(5);
    expect(Math.max(...costs)).toBeLessThanOrEqual(3);
  });

  it('is never far behind a person who writes on and on', async () => {
    const engine = await ownEngine();
    let text = '';
    const costs: number[] = [];
    for (let line = 0; line < 60; line++) {
      text += `const value${line} = compute(${line});\n`;
      const { stats } = await ask(engine, `// top\n${text}║\n`, { maxTokens: 1 });
      costs.push(stats.evaluated);
      await engine.saveAll(); // what is done meanwhile has its time
    }
    // A line is some twenty tokens; the windows of a new place would be hundreds.
    expect(Math.max(...costs.slice(1))).toBeLessThan(60);
  });

  it('gives way to what needs room, and is saved as one place', async () => {
    const engine = await ownEngine({ contextTokens: 2048, baseTokens: 256 });
    await ask(engine, file('', 'const sum = ║\n'), { maxTokens: 2 });
    const top = await ask(engine, file('// new ║\n', 'const sum = \n'), { maxTokens: 2 });
    const filler = 'const value = compute(1, 2);\n'.repeat(100);
    for (let number = 0; number < 4; number++) {
      const request = fixture.at(`src/f${number}.ts`, `// ${number}\n${filler}║\n`, {
        maxTokens: 2,
      });
      expect((await engine.complete(request, never)).dropped).toBeUndefined();
    }
    expect(await savedTokens(engine)).toBe(ownTokens(engine, top));
  });
});

describe('a prefetch', () => {
  it('makes the request after it cost nothing but its last token', async () => {
    const { engine } = shared;
    const shown = await ask(engine, block, { maxTokens: 24, singleLine: false });
    const next = accept(block, shown.text);
    const ahead = await ask(engine, next, { maxTokens: 24, trigger: 'prefetch' });
    expect(ahead.stats.evaluated).toBeLessThanOrEqual(4);
    const accepted = await ask(engine, next, { maxTokens: 24 });
    expect(accepted.text).toBe(ahead.text);
    expect(accepted.stats.evaluated).toBe(1);
  });

  it('leaves the place of the person as it is, in memory and on disk', async () => {
    const engine = await ownEngine();
    const shown = await ask(engine, block, { maxTokens: 24, singleLine: false });
    const ahead = accept(block, `${shown.text}\nmore();`);
    await ask(engine, ahead, { trigger: 'prefetch' });
    // Elsewhere in the file it is not done at all.
    const elsewhere = 'const other = 1;\nlet b = 2;\n║';
    const refused = await ask(engine, elsewhere, { trigger: 'prefetch' });
    expect(refused).toMatchObject({ text: '', stats: { generated: 0 } });
    const back = await ask(engine, block, { maxTokens: 4 });
    expect(back.stats.evaluated).toBeLessThanOrEqual(1);
    await ask(engine, ahead, { trigger: 'prefetch' });
    expect(await savedTokens(engine)).toBe(ownTokens(engine, shown));
  });

  it('pushes nothing out of a context that is full', async () => {
    const engine = await ownEngine({ contextTokens: 1024, baseTokens: 256 });
    const filler = 'const value = compute(1, 2);\n'.repeat(16);
    const at = (number: number, change: Partial<CompletionParams> = {}): CompletionParams =>
      fixture.at(`src/f${number}.ts`, `// file ${number}\n${filler}const a = ║\n`, {
        maxTokens: 4,
        ...change,
      });
    for (let number = 0; number < 5; number++) await engine.complete(at(number), never);
    const { sequencesDetached } = await engine.counters();
    const ahead = await engine.complete(at(9, { trigger: 'prefetch' }), never);
    expect(ahead.text).toBe('');
    expect((await engine.counters()).sequencesDetached).toBe(sequencesDetached);
    // Somebody who asks gets room.
    const asked = await engine.complete(at(9), never);
    expect(asked.stats.generated).toBeGreaterThan(0);
    expect((await engine.counters()).sequencesDetached).toBeGreaterThan(sequencesDetached);
  });
});

describe('several candidates', () => {
  it('are different, ranked, and decoded in one batch', async () => {
    const { engine } = shared;
    await ask(engine, block, { maxTokens: 1 }); // the prompt is evaluated
    const before = await engine.counters();
    const maxTokens = 24;
    const { text, candidates, stats } = await ask(engine, block, {
      maxTokens,
      candidates: 4,
      trigger: 'invoke',
      singleLine: false,
    });
    expect(candidates.length).toBeGreaterThan(1);
    expect(candidates.length).toBeLessThanOrEqual(4);
    expect(new Set(candidates).size).toBe(candidates.length);
    expect(candidates[0]).toBe(text);
    const after = await engine.counters();
    // One decode for each first token, then one for all together.
    expect(after.decodeCalls - before.decodeCalls).toBeLessThanOrEqual(4 + maxTokens);
    expect(stats.generated).toBeGreaterThan(maxTokens);
    expect(stats.evaluated).toBe(1);
  });

  it('include what is offered alone, and the best one is continued', async () => {
    const { engine } = shared;
    const change = { maxTokens: 24, singleLine: false };
    const alone = await ask(engine, block, change);
    const { text, candidates } = await ask(engine, block, { ...change, candidates: 3 });
    expect(candidates).toContain(alone.text);
    const next = await ask(engine, accept(block, text), { maxTokens: 2 });
    expect(next.stats.evaluated).toBeLessThanOrEqual(4);
  });

  it('heal a word that is typed in part', async () => {
    const { engine } = shared;
    const text = 'const value = 1;\nconst valid = 2;\nreturn va║\n';
    const { candidates } = await ask(engine, text, { candidates: 4, maxTokens: 8 });
    expect(candidates.length).toBeGreaterThan(1);
    const alone = await ask(engine, text, { maxTokens: 8 });
    expect(candidates).toContain(alone.text);
  });

  it('are given up together', async () => {
    const { engine } = shared;
    const controller = new AbortController();
    const request = fixture.at(path, block, { candidates: 4, maxTokens: 200 });
    const answer = engine.complete(request, controller.signal);
    controller.abort(new Error('enough'));
    expect(await answer).toMatchObject({ text: '', candidates: [], stopReason: 'cancelled' });
    const next = await ask(engine, block, { maxTokens: 2 });
    expect(next.stopReason).not.toBe('cancelled');
  });
});

describe('context', () => {
  const definitions = [
    { path: 'src/price.ts', text: 'export function price(item: Item): number;\n' },
    { path: 'src/item.ts', text: 'export interface Item { readonly cost: number }\n' },
  ];

  it('is evaluated once and stays while a person types in one place', async () => {
    const { engine } = shared;
    const bare = await ask(engine, block, { maxTokens: 1 });
    await engine.discardFile(fixture.at(path, block).uri);
    const first = await ask(engine, block, { maxTokens: 1, context: { definitions } });
    expect(first.stats.promptTokens).toBeGreaterThan(bare.stats.promptTokens + 20);
    const recentEdits = [{ path: 'src/item.ts', text: 'cost: number;\nprice: number;\n' }];
    for (const typed of ['let', 'let a', 'let a = 1', 'let a = 1;\n']) {
      const context = { definitions, recentEdits };
      const { stats } = await ask(engine, accept(block, typed), { maxTokens: 1, context });
      expect(stats.evaluated).toBeLessThanOrEqual(typed.length);
    }
  });

  it('never holds a secret', async () => {
    const { engine } = shared;
    const bare = await ask(engine, block, { maxTokens: 1 });
    const openEditors = [
      { path: '.env', text: 'PASSWORD=correct-horse-battery-staple\n'.repeat(9) },
    ];
    await engine.discardFile(fixture.at(path, block).uri);
    const { stats } = await ask(engine, block, { maxTokens: 1, context: { openEditors } });
    expect(stats.promptTokens).toBe(bare.stats.promptTokens);
  });

  it('comes back with a session from disk', async () => {
    const engine = await ownEngine();
    const change = { maxTokens: 4, context: { definitions } };
    await ask(engine, block, change);
    await engine.close();
    const next = fixture.start();
    await next.whenWarm();
    const { stats } = await ask(next, accept(block, 'let'), change);
    expect(stats.sessionRestored).toBe(true);
    expect(stats.evaluated).toBeLessThanOrEqual(3);
  });
});

describe('an answer', () => {
  it('comes as it is generated, and names its base', async () => {
    const { engine } = shared;
    const deltas: string[] = [];
    const request = fixture.at(path, block, { maxTokens: 24, singleLine: false });
    const { text, baseId } = await engine.complete(request, never, (added) => deltas.push(added));
    expect(deltas.length).toBeGreaterThan(2);
    expect(deltas.join('')).toContain(text.trim());
    expect(baseId).toBe(engine.status.base?.id);
  });

  it('ends at a line end when its time is used up', async () => {
    const { engine } = shared;
    const change = { maxTokens: 60, singleLine: false };
    const whole = await ask(engine, block, change);
    expect(whole.text.trim()).toContain('\n');
    const hurried = await ask(engine, block, { ...change, budgetMs: 0 });
    expect(whole.text.startsWith(hurried.text)).toBe(true);
    expect(hurried.text.trim()).not.toContain('\n');
    expect(hurried.stats.generated).toBeLessThan(whole.stats.generated);
  });

  it('says why there is none', async () => {
    const { engine } = shared;
    const secret = await engine.complete(fixture.at('.env', 'KEY=║'), never);
    expect(secret).toMatchObject({ text: '', candidates: [], dropped: 'secretFile' });
  });
});
