import { describe, expect, it } from 'vitest';
import { ChatController } from '../../src/extension/chat/chatController.ts';
import type { Conversation, ToWebview } from '../../src/extension/chat/chatProtocol.ts';
import { parseConversation, parseFromWebview } from '../../src/extension/chat/chatSchema.ts';
import {
  answerStats,
  emptyConversation,
  messagesOf,
  restored,
  withAnswer,
  withQuestion,
} from '../../src/extension/chat/conversation.ts';
import { Recorder, startRig, type Rig } from '../client/helpers.ts';

interface Chat extends Rig {
  readonly controller: ChatController;
  readonly posted: Recorder<ToWebview>;
  readonly kept: Conversation[];
  readonly copied: string[];
}

function startChat(knobs = {}, load?: unknown): Chat {
  const rig = startRig(knobs);
  const posted = new Recorder<ToWebview>();
  const kept: Conversation[] = [];
  const copied: string[] = [];
  const controller = new ChatController({
    engine: rig.supervisor,
    load: () => load,
    save: (conversation) => kept.push(conversation),
    post: posted.add,
    copy: (text) => copied.push(text),
    selectModel: () => undefined,
  });
  return { ...rig, controller, posted, kept, copied };
}

describe('ChatController', () => {
  it('streams an answer to the panel and keeps the conversation', async () => {
    const { controller, posted, kept } = startChat();
    const answer = await controller.send('hello');
    expect(answer).toMatchObject({ state: 'done', stats: { evaluated: 5, reused: 195 } });
    const deltas = posted.all.filter((message) => message.kind === 'delta');
    expect(deltas.map(({ text }) => text).join('')).toBe(answer?.text);
    expect(posted.all.at(-1)).toEqual({ kind: 'entry', entry: answer });
    expect(kept.at(-1)?.entries).toMatchObject([{ kind: 'question', text: 'hello' }, answer ?? {}]);
  });

  it('gives a panel that comes later the whole conversation', async () => {
    const { controller, posted } = startChat();
    await controller.send('hello');
    posted.all.length = 0;
    controller.handle({ kind: 'ready' });
    expect(posted.all.map(({ kind }) => kind)).toEqual(['status', 'conversation']);
  });

  it('keeps what was said when it is stopped', async () => {
    const { controller, posted } = startChat({ stepMs: 1, answer: 'word '.repeat(5000) });
    const asked = controller.send('hello');
    await posted.first((message) => message.kind === 'delta');
    controller.handle({ kind: 'stop' });
    const answer = await asked;
    expect(answer).toMatchObject({ state: 'stopped', note: 'Stopped.' });
    expect(answer?.text).toContain('word');
  });

  it('says in words that the engine restarted, and answers when asked again', async () => {
    const { controller, posted, kept } = startChat();
    const answer = await controller.send('<crash>');
    expect(answer?.state).toBe('failed');
    expect(answer?.note).toContain('starting again');
    controller.handle({ kind: 'retry' });
    // The same question crashes the fake engine again: what counts is that it was asked, once.
    await posted.first((message) => message.kind === 'entry' && message.entry !== answer);
    expect(kept.at(-1)?.entries).toHaveLength(2);
    expect((await controller.send('fine'))?.state).toBe('done');
  });

  it('takes one question at a time, and no empty one', async () => {
    const { controller } = startChat();
    const first = controller.send('one');
    expect(await controller.send('two')).toBeUndefined();
    await first;
    expect(await controller.send('  \n')).toBeUndefined();
  });

  it('begins anew while an answer streams', async () => {
    const { controller, posted, kept } = startChat({ stepMs: 1, answer: 'word '.repeat(5000) });
    const asked = controller.send('hello');
    await posted.first((message) => message.kind === 'delta');
    controller.handle({ kind: 'newChat' });
    await asked;
    expect(kept.at(-1)?.entries).toEqual([]);
    expect(posted.all.at(-1)).toMatchObject({
      kind: 'conversation',
      conversation: { entries: [] },
    });
  });

  it('brings the conversation back after a reload', () => {
    const conversation = withQuestion(emptyConversation('c'), 'hello');
    const { controller, posted } = startChat({}, conversation);
    controller.handle({ kind: 'ready' });
    const shown = posted.all.find((message) => message.kind === 'conversation');
    expect(shown?.conversation.entries).toMatchObject([
      { kind: 'question', text: 'hello' },
      { kind: 'answer', state: 'stopped' },
    ]);
  });

  it('starts empty when what was kept is not a conversation', () => {
    const { controller, posted } = startChat({}, { id: 3, entries: 'none' });
    controller.handle({ kind: 'ready' });
    expect(posted.all.at(-1)).toMatchObject({ conversation: { entries: [] } });
  });

  it('copies what the panel asks to copy', () => {
    const { controller, copied } = startChat();
    controller.handle({ kind: 'copy', text: 'x' });
    expect(copied).toEqual(['x']);
  });
});

describe('a conversation', () => {
  const asked = withQuestion(emptyConversation('c'), 'one');

  it('tells the model questions with their answers, then the open question', () => {
    const answered = withAnswer(asked, { kind: 'answer', id: 2, text: 'A', state: 'stopped' });
    expect(messagesOf(withQuestion(answered, 'two'))).toEqual([
      { role: 'user', content: 'one' },
      { role: 'assistant', content: 'A' },
      { role: 'user', content: 'two' },
    ]);
  });

  it('does not tell the model questions that failed', () => {
    const failed = withAnswer(asked, { kind: 'answer', id: 2, text: 'half', state: 'failed' });
    expect(messagesOf(withQuestion(failed, 'two'))).toEqual([{ role: 'user', content: 'two' }]);
  });

  it('does not change by being restored when nothing streams', () => {
    const done = withAnswer(asked, { kind: 'answer', id: 2, text: 'A', state: 'done' });
    expect(restored(done)).toBe(done);
  });

  it('survives being written and read', () => {
    expect(parseConversation(JSON.parse(JSON.stringify(asked)))).toEqual(asked);
    expect(parseConversation(undefined)).toBeUndefined();
  });

  it('counts speed between the first and the last token', () => {
    const stats = {
      ...{ promptTokens: 10, evaluated: 4, reused: 6, queuedMs: 0, forkMs: 0 },
      ...{ generated: 11, firstTokenMs: 100, totalMs: 600, sessionRestored: false },
    };
    expect(answerStats(stats).tokensPerSecond).toBe(20);
    expect(answerStats({ ...stats, generated: 1 }).tokensPerSecond).toBe(0);
  });
});

describe('messages of the panel', () => {
  it.each([undefined, null, 'send', { kind: 'send' }, { kind: 'send', text: 1 }, { kind: 'eval' }])(
    'refuses %j',
    (value) => expect(parseFromWebview(value)).toBeUndefined(),
  );

  it('takes its own', () => {
    expect(parseFromWebview({ kind: 'send', text: 'x' })).toEqual({ kind: 'send', text: 'x' });
  });
});
