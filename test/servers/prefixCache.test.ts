/** What a vLLM server would find in its prefix cache while a person types: a recorded simulation; counters, no times. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Fixture } from '../engine/engineFixture.ts';
import { BlockCache, roughTokens, type CacheUse } from './blockCache.ts';
import { FakeServer, says } from './fakeServer.ts';
import { endpoint, serve } from './servedFixture.ts';
import { playTyping, typingProject } from './typing.ts';

let fixture: Fixture;
let server: FakeServer;
const prompts: string[] = [];

beforeAll(async () => {
  fixture = await typingProject();
  server = await FakeServer.start();
  server.always((response, { path, body }) => {
    prompts.push(body['prompt'] as string);
    says(path, '')(response);
  });
  const one = endpoint(server.url);
  const { engine } = serve(fixture, { completion: one, chat: one });
  await engine.whenWarm();
  await playTyping(fixture, engine, 300);
  await engine.close();
});

afterAll(async () => {
  await server.stop();
  await fixture.remove();
});

/** Of the prompts after the one that warms the server up. */
function play(texts: readonly string[]): { readonly use: CacheUse; readonly missed: number[] } {
  const cache = new BlockCache();
  const [, ...uses] = texts.map((text) => cache.take(roughTokens(text)));
  const sum = (of: (use: CacheUse) => number): number =>
    uses.reduce((all, use) => all + of(use), 0);
  return {
    use: { tokens: sum(({ tokens }) => tokens), hits: sum(({ hits }) => hits) },
    missed: uses.map(({ tokens, hits }) => tokens - hits).sort((a, b) => a - b),
  };
}

describe('the block cache', () => {
  it('knows whole blocks from the beginning on, and nothing behind a difference', () => {
    const cache = new BlockCache();
    const tokens = Array.from({ length: 50 }, (_, at) => String(at));
    expect(cache.take(tokens)).toEqual({ tokens: 50, hits: 0 });
    expect(cache.take(tokens)).toEqual({ tokens: 50, hits: 48 });
    expect(cache.take(tokens.slice(0, 48))).toEqual({ tokens: 48, hits: 32 });
    expect(cache.take(['x', ...tokens.slice(1)])).toEqual({ tokens: 50, hits: 0 });
    expect(cache.take([...tokens.slice(0, 20), 'x', ...tokens.slice(21)]).hits).toBe(16);
  });
});

describe('the typing replay', () => {
  it('hits nearly always: a key costs the block that it is in', () => {
    const { use, missed } = play(prompts);
    const median = missed[Math.floor(missed.length / 2)]!;
    expect(missed.length).toBeGreaterThan(100);
    expect(use.hits / use.tokens).toBeGreaterThan(0.99);
    expect(median).toBeLessThanOrEqual(16);
  });

  it('would miss suffix and line at every key with the cursor’s own split, as plug-ins send it', () => {
    // The same prompts with the typed text where the cursor is: before the suffix.
    const split = prompts.map((prompt) => {
      const [head = '', rest = ''] = prompt.split('<|fim_suffix|>');
      const [suffix = '', middle = ''] = rest.split('<|fim_middle|>');
      return `${head}${middle}<|fim_suffix|>${suffix}<|fim_middle|>`;
    });
    const ours = play(prompts).missed;
    const theirs = play(split).missed;
    const median = (all: readonly number[]): number => all[Math.floor(all.length / 2)]!;
    expect(median(theirs)).toBeGreaterThan(2 * median(ours));
  });
});
