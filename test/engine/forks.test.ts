/** What a request takes to begin: its file's own sequence, or a fork that is there already. Shown by counters. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
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
