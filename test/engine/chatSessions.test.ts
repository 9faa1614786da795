import { readdir } from 'node:fs/promises';
import { sep } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ChatMessage, ChatResult } from '../../src/protocol/chat.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { Fixture, never } from './engineFixture.ts';

/** Random tokens: their text would be tokenised differently. */
const sampling = { temperature: 4, topK: 0, topP: 1, seed: 7 };

let fixture: Fixture;
beforeEach(async () => {
  fixture = await Fixture.create();
});
afterEach(() => fixture.remove());

const user = (content: string): ChatMessage => ({ role: 'user', content });
const assistant = (content: string): ChatMessage => ({ role: 'assistant', content });

async function warm(): Promise<Engine> {
  const engine = fixture.start();
  await engine.whenWarm();
  return engine;
}

/** Asks, and waits until the turn is settled. */
async function ask(
  engine: Engine,
  chatId: string,
  messages: readonly ChatMessage[],
  more: {
    readonly branchOf?: string;
    readonly isPrivate?: boolean;
    readonly maxTokens?: number;
  } = {},
): Promise<ChatResult> {
  const params = { chatId, messages, sampling, maxTokens: 24, ...more };
  const result = await engine.chat(params, never, () => undefined);
  await missing(engine, chatId, [...messages, assistant(result.text)]);
  return result;
}

/** A conversation of `turns` turns, as its messages. */
async function converse(engine: Engine, chatId: string, turns: number): Promise<ChatMessage[]> {
  const messages: ChatMessage[] = [];
  for (let turn = 0; turn < turns; turn++) {
    messages.push(user(`Question ${turn}: what is a + b for ${turn} and ${turn * 7}?`));
    messages.push(assistant((await ask(engine, chatId, messages)).text));
  }
  return messages;
}

async function missing(
  engine: Engine,
  chatId: string,
  messages: readonly ChatMessage[],
): Promise<number> {
  return (await engine.openChat({ chatId, messages }, never)).missing;
}

/** What a new question costs at least: itself, and what the template puts behind it. */
async function costOf(engine: Engine, question: string): Promise<number> {
  return (await engine.countTokens(question)) + (await engine.countTokens('\nassistant\n')) + 2;
}

describe('the session of a chat', () => {
  it('holds a turn to its end, so that the next one evaluates only what is new', async () => {
    const engine = await warm();
    const messages = await converse(engine, 'one', 2);
    expect(await missing(engine, 'one', messages)).toBe(0);
    const question = 'And now?';
    const { stats } = await ask(engine, 'one', [...messages, user(question)]);
    expect(stats.evaluated).toBeLessThanOrEqual(await costOf(engine, question));
    expect(stats.sessionRestored).toBe(false);
  });

  it('is restored after a restart with no token of the history evaluated', async () => {
    const first = await warm();
    const messages = await converse(first, 'long', 6);
    const answers = messages.filter(({ role }) => role === 'assistant');
    const retokenised = await Promise.all(
      answers.map(async ({ content }) => (await first.countTokens(content)) !== 24),
    );
    expect(retokenised, 'answers the tokenizer would split differently').toContain(true);
    const before = await ask(first, 'long', [...messages, user('Last?')], { maxTokens: 1 });
    messages.push(user('Last?'), assistant(before.text));
    await first.close();

    const second = await warm();
    const opened = await second.openChat({ chatId: 'long', messages }, never);
    expect(opened).toMatchObject({ missing: 0, sessionRestored: true });
    expect((await second.counters()).tokensEvaluated).toBe(0);
    const { stats } = await ask(second, 'long', [...messages, user('Again?')]);
    expect(stats.evaluated).toBeLessThanOrEqual(await costOf(second, 'Again?'));
    expect(stats.reused).toBeGreaterThanOrEqual(before.stats.promptTokens);
  });

  it('evaluates in the background what it lacks, when asked to', async () => {
    const engine = await warm();
    const messages = [user('one'), assistant('two')];
    expect(await missing(engine, 'cold', messages)).toBeGreaterThan(0);
    const opened = await engine.openChat({ chatId: 'cold', messages, evaluate: true }, never);
    expect(opened.missing).toBe(0);
    const { stats } = await ask(engine, 'cold', [...messages, user('three')]);
    expect(stats.evaluated).toBeLessThanOrEqual(await costOf(engine, 'three'));
  });

  it('is given up in memory when the chat is closed, and comes back from its file', async () => {
    const engine = await warm();
    const messages = await converse(engine, 'closed', 1);
    await engine.closeChat('closed');
    const sessions = await engine.sessions();
    expect(sessions.find(({ id }) => id === 'closed')).toMatchObject({ resident: false });
    const opened = await engine.openChat({ chatId: 'closed', messages }, never);
    expect(opened).toMatchObject({ missing: 0, sessionRestored: true });
  });

  it('is removed with its file', async () => {
    const engine = await warm();
    await converse(engine, 'gone', 1);
    expect(await engine.discardChat('gone')).toMatchObject({ removed: 1 });
    expect((await engine.sessions()).map(({ id }) => id)).not.toContain('gone');
    expect(await chatFiles()).toEqual([]);
  });
});

describe('a branch', () => {
  it('shares the cells before its point, and both branches stay warm', async () => {
    const engine = await warm();
    const trunk = await converse(engine, 'trunk', 3);
    const shared = trunk.slice(0, 2);
    const edited = [...shared, user('Something else entirely?')];
    const { stats, text } = await ask(engine, 'branch', edited, { branchOf: 'trunk' });
    // Nothing before the edited question is evaluated again.
    expect(stats.evaluated).toBeLessThanOrEqual(await costOf(engine, 'Something else entirely?'));
    expect(await missing(engine, 'trunk', trunk)).toBe(0);
    expect(await missing(engine, 'branch', [...edited, assistant(text)])).toBe(0);
  });

  it('asks again from the same question without evaluating it', async () => {
    const engine = await warm();
    const trunk = await converse(engine, 'trunk', 2);
    const { stats } = await ask(engine, 'retry', trunk.slice(0, -1), { branchOf: 'trunk' });
    expect(stats.evaluated).toBe(1); // for its logits
  });

  it('forks from a parent that is only on disk, and has a file of its own', async () => {
    const first = await warm();
    const trunk = await converse(first, 'trunk', 2);
    await first.close();
    const second = await warm();
    const edited = [...trunk.slice(0, 2), user('Else?')];
    const { stats, text } = await ask(second, 'branch', edited, { branchOf: 'trunk' });
    expect(stats.evaluated).toBeLessThanOrEqual(await costOf(second, 'Else?'));
    await second.close();
    const third = await warm();
    const messages = [...edited, assistant(text)];
    expect(await missing(third, 'branch', messages)).toBe(0);
    expect(await missing(third, 'trunk', trunk)).toBe(0);
  });
});

describe('a private chat', () => {
  it('leaves no file, and goes on without evaluating anything again', async () => {
    const engine = await warm();
    const messages = [user('A secret of mine.')];
    const { text } = await ask(engine, 'private', messages, { isPrivate: true });
    messages.push(assistant(text), user('More of it.'));
    const { stats } = await ask(engine, 'private', messages, { isPrivate: true });
    expect(stats.evaluated).toBeLessThanOrEqual(await costOf(engine, 'More of it.'));
    await engine.closeChat('private');
    await engine.close();
    expect(await chatFiles()).toEqual([]);
  });

  it('forks from a chat that is kept without changing its file', async () => {
    const engine = await warm();
    const trunk = await converse(engine, 'trunk', 1);
    const files = await chatFiles();
    const more = [...trunk, user('Between us?')];
    const { stats } = await ask(engine, 'aside', more, { isPrivate: true, branchOf: 'trunk' });
    expect(stats.evaluated).toBeLessThanOrEqual(await costOf(engine, 'Between us?'));
    await engine.close();
    expect(await chatFiles()).toEqual(files);
    const again = await warm();
    expect(await missing(again, 'trunk', trunk)).toBe(0);
  });
});

/** Session files of chats, wherever they are in the cache. */
async function chatFiles(): Promise<string[]> {
  const all = await readdir(fixture.storage, { recursive: true });
  return all.filter((path) => path.includes(`chats${sep}`)).sort();
}

describe('the third turn of a conversation of 2,000 tokens', () => {
  it('evaluates no more than the first of an empty chat', async () => {
    const engine = await warm();
    const question = 'What is a + b?';
    const empty = await ask(engine, 'empty', [user(question)]);
    const messages: ChatMessage[] = [];
    for (const seed of [1, 2]) {
      messages.push(user(`${seed} ${'const sum = add(first, second);\n'.repeat(120)}`));
      messages.push(assistant((await ask(engine, 'long', messages)).text));
    }
    const third = await ask(engine, 'long', [...messages, user(question)]);
    expect(third.stats.promptTokens - empty.stats.promptTokens).toBeGreaterThan(2000);
    expect(third.stats.evaluated).toBeLessThanOrEqual(empty.stats.evaluated);
    expect(third.stats.evaluated).toBeLessThanOrEqual(await costOf(engine, question));
  });
});
