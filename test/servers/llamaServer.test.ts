/** A real llama-server on the stand-in model. Skipped, and reported so, where none is built. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RequestStats } from '../../src/protocol/requests.ts';
import { never, type Fixture } from '../engine/engineFixture.ts';
import { builtLlamaServer, LlamaServerProcess } from './llamaServerProcess.ts';
import { endpoint, serve, type Served } from './servedFixture.ts';
import { playTyping, typingProject } from './typing.ts';

const program = builtLlamaServer();

describe.skipIf(program === undefined)('a real llama-server', () => {
  let fixture: Fixture;
  let slots: string;
  let server: LlamaServerProcess;

  beforeAll(async () => {
    fixture = await typingProject();
    slots = await mkdtemp(join(tmpdir(), 'warmfork-slots-'));
    server = await LlamaServerProcess.start(program!, ['--slot-save-path', `${slots}/`]);
  });

  afterAll(async () => {
    await server.stop();
    await rm(slots, { recursive: true, force: true });
    await fixture.remove();
  });

  function start(): Served {
    const one = endpoint(server.url);
    return serve(fixture, { completion: one, chat: one });
  }

  it('is found out, evaluates the project once, and a few tokens per key', async () => {
    const { engine } = start();
    const { server: health } = await engine.whenWarm();
    expect(health?.completion).toMatchObject({ state: 'up', contextTokens: 8192 });
    const stats: RequestStats[] = [];
    const counted = {
      counters: () => engine.counters(),
      complete: async (...args: Parameters<typeof engine.complete>) => {
        const result = await engine.complete(...args);
        if (result.stats.promptTokens > 0) stats.push(result.stats);
        return result;
      },
    };
    await playTyping(fixture, counted, 60);
    const evaluated = stats.map((one) => one.evaluated).sort((a, b) => a - b);
    const prompt = stats.reduce((sum, one) => sum + one.promptTokens, 0);
    const reused = stats.reduce((sum, one) => sum + one.reused, 0);
    expect(stats.length).toBeGreaterThan(20);
    expect(stats[0]!.reused).toBeGreaterThan(500); // the project was there before the first key
    expect(evaluated[evaluated.length >> 1]).toBeLessThanOrEqual(3);
    expect(reused / prompt).toBeGreaterThan(0.97);
    await engine.close();
  });

  it('answers in the chat, and finds the turn before in its cache', async () => {
    const { engine } = start();
    const ask = {
      chatId: 'c',
      maxTokens: 8,
      messages: [{ role: 'user', content: 'Why?' }],
    } as const;
    await engine.whenWarm(); // it has one slot
    let streamed = '';
    const first = await engine.chat(ask, never, (text) => (streamed += text));
    expect(streamed).toBe(first.text);
    expect(first.stats.generated).toBeGreaterThan(0);
    const messages = [
      ...ask.messages,
      { role: 'assistant', content: first.text },
      { role: 'user', content: 'And?' },
    ] as const;
    const second = await engine.chat({ ...ask, messages }, never, () => undefined);
    expect(second.stats.reused).toBeGreaterThan(0.8 * first.stats.promptTokens);
    await engine.close();
  });

  it('keeps the base and the file’s session by name, and has them back after it was started anew', async () => {
    const params = fixture.at('src/trace.ts', 'export const one = ║\n', { maxTokens: 2 });
    const { engine } = start();
    await engine.whenWarm();
    await engine.complete(params, never);
    expect((await engine.close()).saved).toBe(1);
    const kept = (await readdir(slots)).filter((name) => !name.includes('draft'));
    for (const name of kept) expect(name).toMatch(/^warmfork-[0-9a-f]{16}-(base|[0-9a-f]{16})$/);
    expect(kept.some((name) => name.endsWith('-base'))).toBe(true);

    await server.stop();
    server = await LlamaServerProcess.start(program!, ['--slot-save-path', `${slots}/`]);
    const again = start();
    await again.engine.whenWarm();
    const { stats } = await again.engine.complete(params, never);
    expect(stats.sessionRestored).toBe(true);
    expect(stats.evaluated).toBeLessThanOrEqual(4);
    expect(stats.reused).toBeGreaterThan(500);
    await again.engine.close();
  });

  it('writes the prompt itself where a person wants that', async () => {
    const one = endpoint(server.url, { fim: 'infill' });
    const { engine } = serve(fixture, { completion: one, chat: one });
    await engine.whenWarm();
    const params = fixture.at('src/trace.ts', 'export const two = ║;\n', { maxTokens: 2 });
    const { stats, stopReason } = await engine.complete(params, never);
    expect(stats.generated).toBeGreaterThan(0);
    expect(stats.reused).toBeGreaterThan(500);
    expect(stopReason).not.toBe('cancelled');
    await engine.close();
  });

  it('without a place for slots works, and no slot is asked for', async () => {
    const plain = await LlamaServerProcess.start(program!, []);
    const { engine, logs } = serve(fixture, {
      completion: endpoint(plain.url),
      chat: endpoint(plain.url),
    });
    await engine.whenWarm();
    const params = fixture.at('src/trace.ts', 'export const one = ║\n', { maxTokens: 2 });
    const { stats } = await engine.complete(params, never);
    expect(stats).toMatchObject({ sessionRestored: false });
    expect(stats.reused).toBeGreaterThan(500);
    expect((await engine.close()).saved).toBe(0);
    expect(logs.filter((line) => line.startsWith('warn'))).toEqual([]);
    await plain.stop();
  });
});
