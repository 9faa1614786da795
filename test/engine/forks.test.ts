/** What a request takes to begin: its file's own sequence, or a fork that is there already. Shown by counters. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Engine } from '../../src/engine/engine.ts';
import type { EngineCounters } from '../../src/protocol/status.ts';
import type { CompletionResult } from '../../src/protocol/requests.ts';
import { Fixture, never } from './engineFixture.ts';

let fixture: Fixture;
let engine: Engine;

beforeEach(async () => {
  fixture = await Fixture.create();
  engine = fixture.start();
  await engine.whenWarm();
});
afterEach(() => fixture.remove());

const path = 'src/edited.ts';
const at = (typed: string): string => `const first = 1;\n${typed}║\nexport {};\n`;
const typed = 'const second = first + ';

function ask(text: string, signal = never, change = {}): Promise<CompletionResult> {
  return engine.complete(fixture.at(path, text, change), signal);
}

/** What `work` added to the counters. */
async function counted<T>(
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly added: (name: keyof EngineCounters) => number }> {
  const before = await engine.counters();
  const result = await work();
  const after = await engine.counters();
  return { result, added: (name) => (after[name] ?? 0) - (before[name] ?? 0) };
}

/** The same question to an engine that was never asked before. */
async function askedFresh(text: string): Promise<string> {
  const fresh = fixture.start({}, { storagePath: `${fixture.storage}-fresh` });
  await fresh.whenWarm();
  const { text: answer } = await fresh.complete(fixture.at(path, text), never);
  return answer;
}

describe('a request after a typed character', () => {
  it('copies no sequence', async () => {
    await ask(at(''));
    for (const length of Array.from(typed).keys()) {
      const { result, added } = await counted(() => ask(at(typed.slice(0, length + 1))));
      expect(result.stats.generated).toBeGreaterThan(0);
      expect({ length, forks: added('forks') }).toEqual({ length, forks: 0 });
    }
  });

  it('copies none when the one before it is cancelled, and answers as if that had never been', async () => {
    await ask(at(''));
    const { result, added } = await counted(async () => {
      for (const length of [3, 6, 9]) {
        const cancel = new AbortController();
        const begun = new Promise<void>((resolve) => {
          const params = fixture.at(path, at(typed.slice(0, length)), { maxTokens: 64 });
          void engine.complete(params, cancel.signal, () => resolve());
        });
        await begun; // in the middle of generating
        cancel.abort();
      }
      return ask(at(typed));
    });
    expect(added('forks')).toBe(0);
    expect(result.text).toBe(await askedFresh(at(typed)));
  });

  it('copies one when two ask at the same time, and both are answered', async () => {
    await ask(at(''));
    const both = () => Promise.all([ask(at(typed)), ask(at(`${typed}1`))]);
    const { result, added } = await counted(both);
    const [one, other] = result;
    expect(added('forks')).toBe(1);
    expect([one.stopReason, other.stopReason]).not.toContain('cancelled');
    expect(one.text).toBe(await askedFresh(at(typed)));
    const again = await ask(at(typed));
    expect(again.text).toBe(one.text);
  });
});

describe('the first request of a file', () => {
  const twoAreReady = (): Promise<void> =>
    vi.waitFor(
      async () => {
        const { readyForksMade, readyForksTaken } = await engine.counters();
        expect(readyForksMade - readyForksTaken).toBe(2);
      },
      { timeout: 10_000 },
    );
  const askIn = (file: string): Promise<CompletionResult> =>
    engine.complete(fixture.at(`src/${file}.ts`, at(typed)), never);

  it('takes a fork that is ready, and another one is made for the next', async () => {
    for (const file of ['one', 'two', 'three']) {
      await twoAreReady();
      const { result, added } = await counted(() => askIn(file));
      expect(result.stats.reused).toBeGreaterThanOrEqual(engine.status.base!.tokens);
      expect([added('forks'), added('readyForksTaken')]).toEqual([0, 1]);
    }
  });

  it('finds none in a new base that it would take for the old one', async () => {
    await twoAreReady();
    const before = await askIn('one');
    await fixture.write('src/more.ts', 'export const more = 1;\n'.repeat(20));
    const { readyForksMade: made } = await engine.counters();
    await engine.rebuildBase();
    await vi.waitFor(
      async () => expect((await engine.counters()).readyForksMade).toBeGreaterThan(made),
      { timeout: 10_000 },
    );
    const { result: after, added } = await counted(() => askIn('one'));
    expect(added('readyForksTaken')).toBe(1);
    expect(after.stats.promptTokens).toBeGreaterThan(before.stats.promptTokens);
    const fresh = fixture.start({}, { storagePath: `${fixture.storage}-fresh` });
    await fresh.whenWarm();
    const { text } = await fresh.complete(fixture.at('src/one.ts', at(typed)), never);
    expect(after.text).toBe(text);
  });

  it('gives the ready ones up when every sequence is needed', async () => {
    await twoAreReady();
    for (let file = 0; file < 34; file++) await askIn(`many${file}`); // more than the context has sequences
    const { sequencesDetached } = await engine.counters();
    expect(sequencesDetached).toBeGreaterThan(0);
    expect((await askIn('many0')).stats.generated).toBeGreaterThan(0);
  });
});

describe('a file that is forgotten while a request works in its sequence', () => {
  it('leaves nothing behind: every sequence is free again', async () => {
    await ask(at(''));
    const { uri } = fixture.at(path, '');
    let answer: Promise<CompletionResult> | undefined;
    await new Promise<void>((resolve) => {
      const params = fixture.at(path, at(typed), { maxTokens: 64, singleLine: false });
      answer = engine.complete(params, never, () => resolve());
    });
    await engine.discardFile(uri);
    await answer;
    const files = (await engine.sessions()).filter(({ kind }) => kind === 'file');
    expect(files).toEqual([]);
    expect((await ask(at(typed))).stats.generated).toBeGreaterThan(0);
  });
});
