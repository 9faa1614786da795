import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import type { Frame } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Traced } from './harness/engineTrace.ts';
import { Session } from './harness/session.ts';
import { until } from './harness/until.ts';
import type { Workbench } from './harness/workbench.ts';
import { editedFile } from './harness/workspace.ts';

const input = '.composer textarea';
const done = '.answer:not(.streaming) footer .facts';

/** A conversation as a person has it, over two windows. The tests build on each other. */
describe('the chat view', () => {
  let session: Session;
  let question = 'What does greet return?';
  beforeAll(async () => {
    session = await Session.start({ name: 'chat' });
  });
  afterAll(() => session.stop());

  async function openChat(workbench: Workbench): Promise<Frame> {
    await workbench.untilStatus(/Warmfork.*stand-in/);
    await workbench.command('Warmfork: Open Chat');
    return workbench.frameWith(input);
  }

  /** Asks, and gives what the engine did for it. */
  async function ask(frame: Frame, text: string): Promise<Traced<'chat'>> {
    const skip = session.trace.of('chat').length;
    await frame.fill(input, text);
    await frame.press(input, 'Enter');
    const event = await session.trace.next('chat', undefined, { skip });
    await frame.waitForSelector(`.answer:last-child:not(.streaming) footer .facts`);
    return event;
  }

  it('streams, stops, copies, edits and branches without evaluating anything twice', async () => {
    await session.window('chat', async (workbench) => {
      const base = await session.trace.next('base');
      const frame = await openChat(workbench);
      const first = await ask(frame, question);
      expect(first.reused).toBeGreaterThanOrEqual(base.tokens);
      expect(first.generated).toBeGreaterThan(0);
      await frame.waitForSelector('.meter:has-text("tokens left")');
      await workbench.screenshot('chat-light');

      await frame.getByRole('button', { name: 'Copy answer' }).first().click();
      const copied = await until('the copied answer', () => workbench.clipboard());
      const words = (text: string) => text.match(/\w+/g) ?? [];
      const shown = words(await frame.locator('.answer .markdown').first().innerText());
      expect(words(copied).length).toBeGreaterThan(0);
      expect(shown).toEqual(expect.arrayContaining(words(copied)));

      // An engine that is held still answers nothing, so this one is stopped before its end for certain.
      const engine = session.enginePid()!;
      const seen = session.trace.of('chat').length;
      process.kill(engine, 'SIGSTOP');
      await frame.fill(input, 'And then?');
      await frame.press(input, 'Enter');
      await frame.getByRole('button', { name: 'Stop' }).click();
      process.kill(engine, 'SIGCONT');
      await frame.waitForSelector('.answer:not(.streaming) footer .note.stopped');
      expect(await frame.locator('.answer').count()).toBe(2);
      expect(session.trace.of('chat').length).toBeLessThanOrEqual(seen + 1);

      // The next turn stands on the first one, which is not evaluated again.
      const next = await ask(frame, 'And now?');
      expect(next.reused).toBeGreaterThan(first.promptTokens);

      // An edited question forks where it stood: only its own words are evaluated.
      question = 'What does greet take?';
      await frame.getByRole('button', { name: 'Edit question' }).first().click();
      await frame.fill('.edit textarea', question);
      const skip = session.trace.of('chat').length;
      await frame.press('.edit textarea', 'Enter');
      const edited = await session.trace.next('chat', undefined, { skip });
      expect(edited.chatId).not.toBe(first.chatId);
      expect(edited.evaluated).toBeLessThan(first.evaluated);
      await frame.waitForSelector('.question .versions:has-text("2/2")');
      await frame.waitForSelector(done);
      await frame.getByRole('button', { name: 'Previous version' }).click();
      await frame.waitForSelector('.question:has-text("And now?")');
      // Back in the first branch the session is as it was.
      const back = await ask(frame, 'Still there?');
      expect(back.chatId).toBe(first.chatId);
      expect(back.reused).toBeGreaterThan(next.promptTokens);
      await workbench.screenshot('chat-branches');
    });
    await session.untilIdle();
  });

  it('goes on after the window was closed with no token of the history evaluated', async () => {
    const before = session.trace.of('chat').at(-1)!;
    const seen = session.trace.of('session').length;
    await session.window('chat-again', async (workbench) => {
      const frame = await openChat(workbench);
      await frame.waitForSelector('.question:has-text("Still there?")');
      const isOurs = ({ action, id }: Traced<'session'>) =>
        action === 'restored' && id === before.chatId;
      const restored = await session.trace.next('session', isOurs, { skip: seen });
      expect(restored.tokens).toBeGreaterThan(before.generated);
      const after = await ask(frame, 'Ok?');
      expect(after.chatId).toBe(before.chatId);
      // All that was said is there: what is evaluated is the new question and the template around it.
      expect(after.reused).toBeGreaterThanOrEqual(before.promptTokens + before.generated);
      expect(after.evaluated).toBeLessThan(16);
    });
    await session.untilIdle();
  });

  it('leaves no file of a private chat', async () => {
    await session.window('chat-private', async (workbench) => {
      const frame = await openChat(workbench);
      const files = [...chatFiles(), ...conversations()];
      await workbench.command('Warmfork: New Private Chat');
      await frame.waitForSelector('.private:visible');
      const { chatId } = await ask(frame, 'Between us?');
      await workbench.screenshot('chat-private');
      await workbench.command('Warmfork: Save All Sessions');
      await workbench.page.click('.action-label[aria-label="New Chat"]');
      await frame.waitForSelector('.welcome');
      const now = [...chatFiles(), ...conversations()];
      expect(now.filter((name) => name.includes(chatId))).toEqual([]);
      expect(now.length).toBe(files.length);
    });
    await session.untilIdle();
    expect([...chatFiles(), ...conversations()].length).toBeGreaterThan(0);
  });

  it('inserts, applies with a diff, and opens code as a new file', async () => {
    writeFileSync(join(conversationFolder()!, 'crafted.json'), JSON.stringify(crafted));
    await session.window('chat-code', async (workbench) => {
      const frame = await openChat(workbench);
      await workbench.openFile(editedFile);
      await workbench.press('Control+End');
      await workbench.command('Warmfork: Show Chat History');
      await frame.getByRole('button', { name: /^Crafted/ }).click();
      await frame.waitForSelector('.answer .code');

      await frame.getByRole('button', { name: 'Insert code' }).last().click();
      await workbench.page.waitForSelector('.view-line:has-text("const inserted = 1;")');
      await frame.getByRole('button', { name: 'Apply code' }).first().click();
      await workbench.page.waitForSelector('.codelens-decoration:has-text("Accept")');
      await workbench.screenshot('chat-apply');
      await workbench.page.click('.codelens-decoration a:has-text("Accept")');
      await workbench.page.waitForSelector('.codelens-decoration:has-text("Accept")', {
        state: 'detached',
      });
      await workbench.focusEditor();
      await workbench.save();
      const text = session.read(editedFile);
      expect(text).toContain('return `Hello, ${greeting.name}`;');
      expect(text).not.toContain('baseTokens}`');
      expect(text).toContain('const inserted = 1;');

      await frame.getByRole('button', { name: 'Open code as a new file' }).last().click();
      await workbench.page.waitForSelector('.tab.active:has-text("Untitled")');
    });
  });

  /** Session files of chats. */
  function chatFiles(): string[] {
    const all = readdirSync(session.storage, { recursive: true, encoding: 'utf8' });
    return all.filter((path) => path.includes('/chats/'));
  }

  function conversations(): string[] {
    const folder = conversationFolder();
    const names = folder === undefined ? [] : readdirSync(folder);
    return names.filter((name) => name.endsWith('.json'));
  }

  /** Where the extension keeps the conversations of this workspace. */
  function conversationFolder(): string | undefined {
    const storage = join(session.folder, 'profile', 'user-data', 'User', 'workspaceStorage');
    if (!existsSync(storage)) return undefined;
    return readdirSync(storage)
      .map((name) => join(storage, name, 'warmfork.warmfork', 'chats'))
      .find((folder) => existsSync(folder));
  }
});

const functionBlock = `\`\`\`ts
export function greet(greeting: Greeting): string {
  return \`Hello, \${greeting.name}\`;
}
\`\`\``;

/** The stand-in model writes no code blocks. */
const crafted = {
  ...{ id: 'crafted', title: 'Crafted', isPrivate: false, updatedAt: 1, current: 'crafted' },
  branches: [
    {
      chatId: 'crafted',
      dropped: 0,
      entries: [
        { kind: 'question', id: 1, text: 'Shorter?' },
        {
          ...{ kind: 'answer', id: 2, state: 'done' },
          text: `${functionBlock}\n\n\`\`\`ts\nconst inserted = 1;\n\`\`\`\n`,
        },
      ],
    },
  ],
};
