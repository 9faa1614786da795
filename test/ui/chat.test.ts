import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Session } from './harness/session.ts';
import { until } from './harness/until.ts';

describe('the chat view', () => {
  let session: Session;
  beforeAll(async () => {
    session = await Session.start({ name: 'chat' });
  });
  afterAll(() => session.stop());

  it('streams an answer on top of the base, stops when asked, and copies what there is', async () => {
    await session.window('chat', async (workbench) => {
      const base = await session.trace.next('base');
      await workbench.untilStatus(/Warmfork.*stand-in/);
      await workbench.command('Warmfork: Open Chat');
      const frame = await workbench.frameWith('.composer textarea');
      await frame.fill('.composer textarea', 'What does greet return?');
      await frame.press('.composer textarea', 'Enter');
      await frame.waitForSelector('.question:has-text("What does greet return?")');

      const answer = frame.locator('.answer').first();
      await frame.waitForSelector('.answer:not(.streaming) footer .facts');
      const chat = await session.trace.next('chat');
      expect(chat.reused).toBeGreaterThanOrEqual(base.tokens);
      expect(chat.generated).toBeGreaterThan(0);
      await workbench.screenshot('chat-light');

      await answer.getByRole('button', { name: 'Copy answer' }).click();
      const copied = await until('the copied answer', () => workbench.clipboard());
      const words = (text: string) => text.match(/\w+/g) ?? [];
      const shown = words(await answer.locator('.markdown').innerText());
      expect(words(copied).length).toBeGreaterThan(0);
      expect(shown).toEqual(expect.arrayContaining(words(copied)));

      // An engine that is held still answers nothing, so this one is stopped before its end for certain.
      const engine = session.enginePid()!;
      process.kill(engine, 'SIGSTOP');
      await frame.fill('.composer textarea', 'And then?');
      await frame.press('.composer textarea', 'Enter');
      await frame.getByRole('button', { name: 'Stop' }).click();
      process.kill(engine, 'SIGCONT');
      await frame.waitForSelector('.answer:not(.streaming) footer .note.stopped');
      expect(await frame.locator('.answer').count()).toBe(2);

      // The next turn stands on the first one, which is not evaluated again.
      await frame.fill('.composer textarea', 'And now?');
      await frame.press('.composer textarea', 'Enter');
      const next = await session.trace.next('chat', ({ generated }) => generated > 0, { skip: 1 });
      expect(next.reused).toBeGreaterThan(chat.reused);
    });
  });
});
