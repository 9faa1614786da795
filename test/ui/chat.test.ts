import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Session } from './harness/session.ts';
import { until } from './harness/until.ts';

describe('the chat view', () => {
  let session: Session;
  beforeAll(async () => {
    session = await Session.start({ name: 'chat' });
  });
  afterAll(() => session.stop());

  it('streams an answer on top of the base, copies it, and stops when asked', async () => {
    await session.window('chat', async (workbench) => {
      const base = await session.trace.next('base');
      await workbench.untilStatus(/Warmfork.*stand-in/);
      await workbench.command('Warmfork: Open Chat');
      const frame = await workbench.frameWith('.composer textarea');
      await frame.fill('.composer textarea', 'What does greet return?');
      await frame.press('.composer textarea', 'Enter');

      await frame.waitForSelector('.question:has-text("What does greet return?")');
      const answer = frame.locator('.answer').first();
      await until('text of the answer', async () => (await answer.innerText()).trim() !== '');
      await frame.waitForSelector('.answer:not(.streaming) footer .facts', { timeout: 120_000 });
      const chat = await session.trace.next('chat');
      expect(chat.reused).toBeGreaterThanOrEqual(base.tokens);
      expect(chat.generated).toBeGreaterThan(0);
      await workbench.screenshot('chat-light');

      await answer.getByRole('button', { name: 'Copy answer' }).click();
      const shown = (await answer.locator('.markdown').innerText()).trim();
      const copied = await until('the copied answer', () => workbench.clipboard());
      expect(copied.replaceAll(/\s/g, '')).toContain(shown.slice(0, 5).replaceAll(/\s/g, ''));

      await frame.fill('.composer textarea', 'Tell me everything about it, at length.');
      await frame.press('.composer textarea', 'Enter');
      await frame.getByRole('button', { name: 'Stop' }).click();
      await frame.waitForSelector('.answer >> nth=1');
      await until('the second answer to end', async () => {
        return (await frame.locator('.answer.streaming').count()) === 0;
      });
      expect(await frame.locator('.answer').count()).toBe(2);
    });
  });
});
