import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ChatController } from '../../src/extension/chat/chatController.ts';
import { FileChatStore } from '../../src/extension/chat/chatStore.ts';
import { exportMarkdown } from '../../src/extension/chat/exportMarkdown.ts';
import { shown } from '../../src/extension/chat/versions.ts';
import type { AnswerEntry } from '../../src/extension/chat/shared/chatEntry.ts';
import type { ShownConversation, ToWebview } from '../../src/extension/chat/shared/chatProtocol.ts';
import { Recorder, startRig, type Rig } from '../client/helpers.ts';

interface Chat extends Rig {
  readonly controller: ChatController;
  readonly posted: Recorder<ToWebview>;
  readonly store: FileChatStore;
  readonly folder: string;
  /** Another window over the same storage. */
  readonly reopen: () => ChatController;
}

/** What the fake engine was asked for chats. */
interface Heard {
  readonly method: 'chat' | 'open' | 'close' | 'discard';
  readonly chatId: string;
  readonly branchOf?: string;
  readonly isPrivate?: boolean;
  readonly evaluate?: boolean;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
}

async function startChat(knobs = {}): Promise<Chat> {
  const rig = startRig(knobs);
  const folder = await mkdtemp(join(tmpdir(), 'warmfork-chats-'));
  const posted = new Recorder<ToWebview>();
  const store = new FileChatStore(folder);
  onTestFinished(async () => {
    await store.list(); // after what is still being written
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  });
  const reopen = (): ChatController =>
    new ChatController({
      engine: rig.supervisor,
      store,
      post: posted.add,
      attachmentsFor: async (slash) => [{ name: `for ${slash}`, text: 'code' }],
      now: () => 1000,
      maxAnswerTokens: () => 64,
    });
  return { ...rig, controller: reopen(), posted, store, folder, reopen };
}

function heard({ logs }: Rig): Heard[] {
  return logs.all.flatMap(({ message }) =>
    message.startsWith('{"method"') ? [JSON.parse(message) as Heard] : [],
  );
}

/** What a panel shows now. */
function now({ controller }: Pick<Chat, 'controller'>): ShownConversation {
  return shown(controller.conversation);
}

function texts(conversation: ShownConversation): string[] {
  return conversation.entries.map(({ text }) => text.split('\n', 1)[0] ?? '');
}

describe('ChatController', () => {
  it('streams an answer to the panel and keeps the conversation', async () => {
    const chat = await startChat();
    const answer = await chat.controller.send('hello');
    expect(answer).toMatchObject({ state: 'done', stats: { evaluated: 5, reused: 195 } });
    const deltas = chat.posted.all.filter((message) => message.kind === 'delta');
    expect(deltas.map(({ text }) => text).join('')).toBe(answer?.text);
    expect(chat.posted.all).toContainEqual({ kind: 'entry', entry: answer });
    const [kept] = await chat.store.list();
    expect(kept).toMatchObject({ title: 'hello', branches: [{ entries: [{}, answer ?? {}] }] });
  });

  it('brings the conversation and its session back in the next window', async () => {
    const chat = await startChat();
    await chat.controller.send('hello');
    const { id } = chat.controller.conversation;
    const next = chat.reopen();
    next.setStatus({ words: 'ready', isReady: true, isStandIn: false });
    await next.show();
    expect(texts(now({ controller: next }))).toEqual(['hello', 'You said: hello']);
    expect(heard(chat).at(-1)).toMatchObject({ method: 'open', chatId: id, evaluate: false });
    expect(chat.posted.all.at(-1)).toMatchObject({ kind: 'context', context: { room: 6000 } });
  });

  it('shows an answer that was cut off by the end of the window as stopped', async () => {
    const chat = await startChat({ stepMs: 1, answer: 'word '.repeat(5000) });
    const asked = chat.controller.send('hello');
    await chat.posted.first((message) => message.kind === 'delta');
    const next = chat.reopen();
    await next.show();
    expect(now({ controller: next }).entries.at(-1)).toMatchObject({ state: 'stopped' });
    chat.controller.stop();
    await asked;
  });

  it('keeps what was said when it is stopped', async () => {
    const chat = await startChat({ stepMs: 1, answer: 'word '.repeat(5000) });
    const asked = chat.controller.send('hello');
    await chat.posted.first((message) => message.kind === 'delta');
    chat.controller.stop();
    const answer = await asked;
    expect(answer).toMatchObject({ state: 'stopped', note: 'Stopped.' });
    expect(answer?.text).toContain('word');
  });

  it('says in words that the engine restarted, and asks again in the same place', async () => {
    const chat = await startChat();
    const answer = await chat.controller.send('<crash>');
    expect(answer?.state).toBe('failed');
    expect(answer?.note).toContain('starting again');
    const again = await chat.controller.retry(answer!.id);
    // The same question crashes the fake engine again: what counts is that it was asked, once.
    expect(again?.state).toBe('failed');
    expect(chat.controller.conversation.branches).toHaveLength(1);
    expect(texts(now(chat))).toHaveLength(2);
    expect((await chat.controller.send('fine'))?.state).toBe('done');
    // What failed is not told to the model.
    expect(
      heard(chat)
        .at(-1)
        ?.messages.map(({ content }) => content),
    ).toEqual(['fine']);
  });

  it('says in words that there is no model', async () => {
    const chat = await startChat({ refuse: 'No such file: model.gguf.' });
    const answer = await chat.controller.send('hello');
    expect(answer).toMatchObject({ state: 'failed' });
    expect(answer?.note).toMatch(/no model.*model\.gguf.*Select a model file/i);
  });

  it('takes one question at a time, and no empty one', async () => {
    const { controller } = await startChat();
    const first = controller.send('one');
    expect(await controller.send('two')).toBeUndefined();
    await first;
    expect(await controller.send('  \n')).toBeUndefined();
  });

  it('asks again in a branch, and switches between the answers', async () => {
    const chat = await startChat();
    const { controller } = chat;
    const first = await controller.send('hello');
    const trunk = controller.conversation.current;
    const second = await controller.retry(first!.id);
    expect(heard(chat).at(-1)).toMatchObject({ method: 'chat', branchOf: trunk });
    const version = (): unknown => now(chat).entries[1]?.version;
    expect(version()).toEqual({ index: 1, count: 2 });
    controller.switchVersion(second!.id, -1);
    expect(version()).toEqual({ index: 0, count: 2 });
    expect(controller.conversation.current).toBe(trunk);
    controller.switchVersion(first!.id, -1);
    expect(controller.conversation.current).toBe(trunk);
  });

  it('edits a question in a branch that shares what stands before it', async () => {
    const chat = await startChat();
    const { controller } = chat;
    await controller.send('one');
    const two = (await controller.send('two'))!.id - 1;
    const trunk = controller.conversation.current;
    await controller.edit(two, 'other');
    expect(texts(now(chat))).toEqual(['one', 'You said: one', 'other', 'You said: other']);
    const asked = heard(chat).at(-1);
    expect(asked).toMatchObject({ branchOf: trunk });
    expect(asked?.messages.map(({ content }) => content.split('\n')[0])).toEqual([
      'one',
      'You said: one',
      'other',
    ]);
    expect(asked?.chatId).not.toBe(trunk);
    controller.switchVersion(now(chat).entries[2]!.id, -1);
    expect(texts(now(chat))[2]).toBe('two');
  });

  it('goes on from an answer in a branch', async () => {
    const chat = await startChat();
    const one = await chat.controller.send('one');
    await chat.controller.send('two');
    chat.controller.branch(one!.id);
    expect(texts(now(chat))).toEqual(['one', 'You said: one']);
    await chat.controller.send('three');
    expect(now(chat).entries[2]?.version).toEqual({ index: 1, count: 2 });
  });

  it('sends slash commands as what they stand for, with what goes with them', async () => {
    const chat = await startChat();
    await chat.controller.send('/fix the loop');
    const question = chat.controller.conversation.branches[0]?.entries[0];
    expect(question).toMatchObject({ text: '/fix the loop', attachments: [{ name: 'for fix' }] });
    const content = heard(chat).at(-1)?.messages[0]?.content;
    expect(content).toMatch(/Find what is wrong[\s\S]*the loop$/);
  });

  it('sends what was attached, once', async () => {
    const chat = await startChat();
    chat.controller.attach([{ name: 'a.ts', text: 'a' }]);
    chat.controller.attach([{ name: 'b.ts', text: 'b' }]);
    chat.controller.detach(1);
    await chat.controller.send('hello');
    await chat.controller.send('again');
    const [first, second] = heard(chat).filter(({ method }) => method === 'chat');
    expect(first?.messages[0]).toMatchObject({ attachments: [{ name: 'b.ts', text: 'b' }] });
    expect(second?.messages.at(-1)).toEqual({ role: 'user', content: 'again' });
  });

  it('writes nothing of a private chat', async () => {
    const chat = await startChat();
    chat.controller.newChat({ isPrivate: true });
    const { id } = chat.controller.conversation;
    await chat.controller.send('secret');
    expect(heard(chat).at(-1)).toMatchObject({ chatId: id, isPrivate: true });
    expect((await readdir(chat.folder)).filter((name) => name !== 'last')).toEqual([]);
    chat.controller.newChat({ isPrivate: false });
    const discarded = chat.logs.first(({ message }) => message.includes('"discard"'));
    expect(JSON.parse((await discarded).message)).toMatchObject({ chatId: id });
  });

  it('lists, opens, renames and deletes conversations', async () => {
    const chat = await startChat();
    await chat.controller.send('first');
    const { id } = chat.controller.conversation;
    chat.controller.newChat({ isPrivate: false });
    await chat.controller.send('second');
    await chat.controller.rename(id, ' Renamed ');
    const history = chat.posted.all.at(-1);
    expect(history).toMatchObject({ kind: 'history' });
    const titles = history?.kind === 'history' ? history.items.map(({ title }) => title) : [];
    expect(titles.sort()).toEqual(['Renamed', 'second']);
    await chat.controller.open(id);
    expect(texts(now(chat))[0]).toBe('first');
    await chat.controller.delete(id);
    expect(await chat.store.load(id)).toBeUndefined();
    expect(now(chat).entries).toEqual([]);
  });

  it('goes on in a shorter session when the context is nearly full, and says so', async () => {
    const chat = await startChat({ room: 100 });
    await chat.controller.send('one '.repeat(50));
    await chat.controller.send('two '.repeat(50));
    const before = chat.controller.conversation.current;
    await chat.posted.first(
      (one) => one.kind === 'conversation' && one.conversation.entries[0]?.isDropped === true,
    );
    const evaluated = heard(chat).find(({ evaluate }) => evaluate);
    expect(evaluated?.messages[0]?.content).toContain('two');
    await chat.controller.send('three');
    const asked = heard(chat).findLast(({ method }) => method === 'chat');
    expect(asked?.chatId).toBe(evaluated?.chatId);
    expect(asked?.chatId).not.toBe(before);
    expect(asked?.messages[0]?.content).toContain('two');
  });

  it('leaves out what the engine left out, from then on', async () => {
    const full = await startChat({ dropped: 2 });
    await full.controller.send('one');
    const answer = await full.controller.send('two');
    expect(answer?.note).toContain('outgrown');
    await full.controller.send('three');
    expect(heard(full).at(-1)?.messages[0]?.content).toBe('two');
  });

  it('begins anew while an answer streams', async () => {
    const chat = await startChat({ stepMs: 1, answer: 'word '.repeat(5000) });
    const asked = chat.controller.send('hello');
    await chat.posted.first((message) => message.kind === 'delta');
    chat.controller.newChat({ isPrivate: false });
    await asked;
    expect(now(chat).entries).toEqual([]);
  });
});

describe('the conversations on disk', () => {
  it('are as many as may be kept: others live as long as the window', async () => {
    const chat = await startChat();
    await chat.controller.send('first');
    const conversation = chat.controller.conversation;
    await chat.store.list();
    const before = await readdir(chat.folder);
    let mayKeep = false;
    const store = new FileChatStore(chat.folder, () => mayKeep);
    await store.save({ ...conversation, title: 'continued' });
    await store.save({ ...conversation, id: 'other', title: 'plover' });
    expect(await readdir(chat.folder)).toEqual(before);
    expect((await store.load(conversation.id))?.title).toBe('continued');
    expect((await store.list()).map(({ id }) => id).sort()).toEqual(
      [conversation.id, 'other'].sort(),
    );
    expect((await chat.store.list()).map(({ id }) => id)).toEqual([conversation.id]);
    mayKeep = true;
    await store.save({ ...conversation, id: 'other', title: 'plover' });
    expect((await chat.store.list()).map(({ id }) => id)).toContain('other');
    await store.remove('other');
    expect(await store.load('other')).toBeUndefined();
  });

  it('are none where the files are not ours or damaged', async () => {
    const { store, folder } = await startChat();
    await writeFile(join(folder, 'bad.json'), '{"id":"bad"');
    await writeFile(join(folder, 'other.json'), '{"id":"another"}');
    expect(await store.list()).toEqual([]);
    expect(await store.load('../escape')).toBeUndefined();
  });
});

describe('the export', () => {
  it('is the branch that shows, without what was thought', async () => {
    const chat = await startChat({ answer: '<think>hm</think>\n\nFour.' });
    await chat.controller.send('What is 2 + 2?');
    expect(exportMarkdown(chat.controller.conversation)).toBe(
      '# What is 2 + 2?\n\n## You\n\nWhat is 2 + 2?\n\n## Warmfork\n\nFour.\n',
    );
    const answer = chat.controller.conversation.branches[0]?.entries[1] as AnswerEntry;
    expect(answer.text).toContain('<think>');
  });
});
