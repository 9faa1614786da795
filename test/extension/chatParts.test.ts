import { describe, expect, it } from 'vitest';
import { answerStats } from '../../src/extension/chat/answering.ts';
import { parseConversation, parseFromWebview } from '../../src/extension/chat/chatSchema.ts';
import { newConversation, withQuestion } from '../../src/extension/chat/conversation.ts';
import { plainTerminalText } from '../../src/extension/chat/plainTerminalText.ts';
import { parseQuestion } from '../../src/extension/chat/shared/slashCommands.ts';
import { splitThinking } from '../../src/extension/chat/shared/thinking.ts';
import { RequestSessions } from '../../src/extension/languageModel/requestSessions.ts';
import { ToolCallReader, toolCallText } from '../../src/extension/languageModel/toolFormat.ts';

describe('a conversation', () => {
  it('survives being written and read', () => {
    const asked = withQuestion(newConversation('c', { isPrivate: false }), { text: 'one' });
    expect(parseConversation(JSON.parse(JSON.stringify(asked)))).toEqual(asked);
    expect(parseConversation({ ...asked, isPrivate: true })).toBeUndefined();
    expect(parseConversation({ ...asked, id: '../x' })).toBeUndefined();
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

describe('thinking', () => {
  it.each([
    ['Hello.', { thought: '', text: 'Hello.', isThinking: false }],
    ['<think>\nhm', { thought: 'hm', text: '', isThinking: true }],
    ['<think>\nhm\n</think>\n\nYes.', { thought: 'hm', text: 'Yes.', isThinking: false }],
    // The template has opened it already.
    ['hm</think>Yes.', { thought: 'hm', text: 'Yes.', isThinking: false }],
  ])('of %j', (answer, split) => expect(splitThinking(answer)).toEqual(split));
});

describe('a question', () => {
  it('is a slash command only with a name that is known', () => {
    expect(parseQuestion(' /tests ')).toMatchObject({ slash: 'tests', text: '/tests' });
    expect(parseQuestion('/usr/bin is what?')).toEqual({ text: '/usr/bin is what?' });
    expect(parseQuestion('/nope')).toEqual({ text: '/nope' });
  });
});

describe('terminal output', () => {
  it('loses colours, titles and what was overwritten', () => {
    const output = '\u001b]0;title\u0007\u001b[31mred\u001b[0m\r\n10%\r100%\r\ndone\r\n';
    expect(plainTerminalText(output)).toBe('red\n100%\ndone');
  });
});

describe('tool calls', () => {
  const read = (pieces: readonly string[]) => {
    const seen: unknown[] = [];
    const reader = new ToolCallReader(
      (text) => seen.push(text),
      (call) => seen.push(call),
    );
    for (const piece of pieces) reader.add(piece);
    reader.finish();
    return seen;
  };

  it('are taken out of the text however it is cut', () => {
    const call = { name: 'read', input: { path: 'a.ts' } };
    const text = `Look: ${toolCallText(call)} done`;
    for (const size of [1, 3, 1000]) {
      const pieces = text.match(new RegExp(`[\\s\\S]{1,${size}}`, 'g')) ?? [];
      const seen = read(pieces);
      expect(seen).toContainEqual(call);
      expect(seen.filter((one) => typeof one === 'string').join('')).toBe('Look:  done');
    }
  });

  it('that are none stay text', () => {
    expect(read(['<tool_call>nonsense</tool_call>', '<tool_'])).toEqual([
      '<tool_call>nonsense</tool_call>',
      '<tool_',
    ]);
  });
});

describe('requests without a name', () => {
  const user = (content: string) => ({ role: 'user', content }) as const;
  const assistant = (content: string) => ({ role: 'assistant', content }) as const;

  it('get the session of the conversation that they go on from', () => {
    let ids = 0;
    const forgotten: string[] = [];
    const options = {
      capacity: 2,
      newId: () => `id${++ids}`,
      forget: forgotten.push.bind(forgotten),
    };
    const sessions = new RequestSessions({
      ...options,
      forget: (id) => void forgotten.push(id),
    });
    const first = sessions.take([user('a')]);
    sessions.done(first, [user('a'), assistant('1')]);
    const other = sessions.take([user('b')]);
    expect(other).not.toBe(first);
    sessions.done(other, [user('b'), assistant('2')]);
    expect(sessions.take([user('a'), assistant('1'), user('more')])).toBe(first);
    // While it is used, nobody else gets it.
    expect(sessions.take([user('a')])).not.toBe(first);
    sessions.done('x', [user('x')]);
    sessions.done('y', [user('y')]);
    expect(forgotten).toEqual([other]);
  });
});
