import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ChatMessage } from '../../src/protocol/chat.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { Fixture, never } from './engineFixture.ts';

/** Text of many tokens that is not the same twice. */
function words(count: number, seed: number): string {
  return Array.from(
    { length: count },
    (_, index) => `w${(index * 7919 + seed * 104729) % 9973}`,
  ).join(' ');
}

/** The same, of about so many tokens. */
async function tokens(engine: Engine, wanted: number, seed: number): Promise<string> {
  const each = (await engine.countTokens(words(400, seed))) / 400;
  return words(Math.floor(wanted / each), seed);
}

const user = (content: string): ChatMessage => ({ role: 'user', content });
const assistant = (content: string): ChatMessage => ({ role: 'assistant', content });

let fixture: Fixture;
beforeEach(async () => {
  fixture = await Fixture.create({ 'src/a.ts': '// A project.\n' });
});
afterEach(() => fixture.remove());

describe('a conversation that outgrows the context', () => {
  it('leaves its oldest turns out, says how many, and goes on warm', async () => {
    const engine = fixture.start({ contextTokens: 1024 });
    await engine.whenWarm();
    const messages = [user(await tokens(engine, 480, 1)), assistant('one')];
    messages.push(user(await tokens(engine, 400, 2)), assistant('two'), user('And now?'));
    const params = { chatId: 'full', maxTokens: 8 };
    const first = await engine.chat({ ...params, messages }, never, () => undefined);
    expect(first.dropped).toBe(2);
    expect(first.context?.room).toBeGreaterThan(0);
    // The host leaves out what was left out: everything that stays is in the session.
    const rest = [...messages.slice(2), assistant(first.text), user('More?')];
    const second = await engine.chat({ ...params, messages: rest }, never, () => undefined);
    expect(second.dropped).toBeUndefined();
    expect(second.stats.reused).toBeGreaterThanOrEqual(first.stats.promptTokens);
  });

  it('says in words that one question alone is too long', async () => {
    const engine = fixture.start({ contextTokens: 1024 });
    await engine.whenWarm();
    const messages = [user(words(2000, 3))];
    await expect(engine.chat({ chatId: 'big', messages }, never, () => undefined)).rejects.toThrow(
      /does not fit.*contextTokens/s,
    );
  });
});

describe('a base that is built while a chat runs', () => {
  it('gives way when the context is full, not the chat', async () => {
    const engine = fixture.start({ contextTokens: 2048, baseTokens: 1024 });
    await engine.whenWarm();
    for (let file = 0; file < 12; file++)
      await fixture.write(`src/f${file}.ts`, `// ${words(60, file + 10)}\n`);
    const messages = [user(await tokens(engine, 1650, 1))];
    const building = engine.rebuildBase();
    await vi.waitUntil(
      () => {
        const { warming } = engine.status;
        return warming !== undefined && warming.done * 2 >= warming.total;
      },
      { interval: 1, timeout: 60_000 },
    );
    const result = await engine.chat({ chatId: 'busy', messages }, never, () => undefined);
    expect(result.stats.generated).toBeGreaterThan(0);
    // It is built again when nobody needs the cells.
    expect((await building).tokens).toBeGreaterThan(500);
    expect(engine.status.state).toBe('ready');
  });
});
