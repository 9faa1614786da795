import type { ChatMessage } from '../../protocol/chat.ts';
import type { RequestStats } from '../../protocol/requests.ts';
import type { AnswerEntry, AnswerStats, ChatEntry, Conversation } from './chatProtocol.ts';

/** A conversation is a value; every step gives a new one. Questions and answers alternate. */

export function emptyConversation(id: string): Conversation {
  return { id, entries: [] };
}

/** Adds a question and the answer that is about to stream. */
export function withQuestion(conversation: Conversation, text: string): Conversation {
  const id = (conversation.entries.at(-1)?.id ?? 0) + 1;
  const question: ChatEntry = { kind: 'question', id, text };
  const answer: ChatEntry = { kind: 'answer', id: id + 1, text: '', state: 'streaming' };
  return { ...conversation, entries: [...conversation.entries, question, answer] };
}

export function withAnswer(conversation: Conversation, answer: AnswerEntry): Conversation {
  const entries = conversation.entries.map((entry) => (entry.id === answer.id ? answer : entry));
  return { ...conversation, entries };
}

/** Takes the last question back, so that it can be asked again. */
export function takeLastQuestion(conversation: Conversation): {
  readonly text: string | undefined;
  readonly rest: Conversation;
} {
  const index = conversation.entries.findLastIndex((entry) => entry.kind === 'question');
  if (index < 0) return { text: undefined, rest: conversation };
  const rest = { ...conversation, entries: conversation.entries.slice(0, index) };
  return { text: conversation.entries[index]?.text, rest };
}

export function lastAnswer(conversation: Conversation): AnswerEntry | undefined {
  const last = conversation.entries.at(-1);
  return last?.kind === 'answer' ? last : undefined;
}

/** What the model is told: questions that got an answer, then the open one. */
export function messagesOf({ entries }: Conversation): ChatMessage[] {
  const messages: ChatMessage[] = [];
  entries.forEach((entry, index) => {
    if (entry.kind === 'answer') return;
    const answer = entries[index + 1];
    const isOpen = index + 2 >= entries.length;
    const isAnswered = answer?.kind === 'answer' && answer.text !== '' && answer.state !== 'failed';
    if (!isOpen && !isAnswered) return;
    messages.push({ role: 'user', content: entry.text });
    if (!isOpen && isAnswered) messages.push({ role: 'assistant', content: answer.text });
  });
  return messages;
}

/** After a reload nothing streams any more. */
export function restored(conversation: Conversation): Conversation {
  const answer = lastAnswer(conversation);
  if (answer?.state !== 'streaming') return conversation;
  return withAnswer(conversation, { ...answer, state: 'stopped', note: 'The window was closed.' });
}

export function answerStats(stats: RequestStats): AnswerStats {
  const { evaluated, reused, firstTokenMs, totalMs, generated } = stats;
  const seconds = (totalMs - firstTokenMs) / 1000;
  const tokensPerSecond = generated > 1 && seconds > 0 ? (generated - 1) / seconds : 0;
  return { evaluated, reused, firstTokenMs, tokensPerSecond };
}
