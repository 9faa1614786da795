/** The next token is evaluated while the last one is looked at; what comes out is the same. */
import { afterEach, expect, it } from 'vitest';
import { Fixture, never } from './engineFixture.ts';

let fixture: Fixture;
afterEach(() => fixture.remove());

const question = { chatId: 'c', messages: [{ role: 'user', content: 'hello' }] } as const;

it('is what an answer is made of, but for its first token and its last', async () => {
  fixture = await Fixture.create();
  const engine = fixture.start();
  await engine.whenWarm();
  const before = await engine.counters();
  const { text, stats } = await engine.chat({ ...question, maxTokens: 40 }, never, () => undefined);
  const { decodesAhead, decodeCalls } = await engine.counters();
  // How many depends on who is faster, but never more than go on from another.
  expect(decodesAhead - before.decodesAhead).toBeGreaterThan(0);
  expect(decodesAhead - before.decodesAhead).toBeLessThan(stats.generated);
  expect(decodeCalls - before.decodeCalls).toBeGreaterThanOrEqual(stats.generated);

  const again = await engine.chat(
    { ...question, chatId: 'd', maxTokens: 40 },
    never,
    () => undefined,
  );
  expect(again.text).toBe(text);
});

it('leaves nothing when the answer is cancelled on the way', async () => {
  fixture = await Fixture.create();
  const engine = fixture.start();
  await engine.whenWarm();
  const cancelled = new AbortController();
  const chat = { ...question, maxTokens: 200 };
  const first = await engine.chat(chat, cancelled.signal, () => cancelled.abort());
  expect(first.stopReason).toBe('cancelled');
  const whole = await engine.chat({ ...chat, maxTokens: 20 }, never, () => undefined);
  const fresh = await engine.chat({ ...chat, chatId: 'd', maxTokens: 20 }, never, () => undefined);
  expect(whole.text).toBe(fresh.text);
});
