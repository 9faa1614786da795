/** What the model is told of a branch. */
import type { ChatAttachment, ChatMessage } from '../../protocol/chat.ts';
import type { Attachment, QuestionEntry } from './shared/chatEntry.ts';
import type { Branch } from './conversation.ts';

interface Told {
  readonly message: ChatMessage;
  /** Index of its entry. */
  readonly index: number;
}

/** Questions that got an answer, then the open one; without those that were dropped. */
export function messagesOf(branch: Branch): ChatMessage[] {
  return told(branch).map(({ message }) => message);
}

/** How many entries are dropped when so many of the messages are, too. */
export function droppedEntries(branch: Branch, messages: number): number {
  return told(branch)[messages]?.index ?? branch.entries.length;
}

/** Where to cut so that at most `share` of the text is left, at the beginning of a turn; undefined: nowhere. */
export function turnAtShare(branch: Branch, share: number): number | undefined {
  const all = told(branch);
  const sizes = all.map(({ message }) => sizeOf(message));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  let left = total;
  for (const [at, { message, index }] of all.entries()) {
    if (at > 0 && message.role === 'user' && left <= total * share) return index;
    left -= sizes[at] ?? 0;
  }
  const last = all.findLast(({ message }) => message.role === 'user');
  return last === undefined || last.index === all[0]?.index ? undefined : last.index;
}

function told({ entries, dropped }: Branch): Told[] {
  const all: Told[] = [];
  entries.forEach((entry, index) => {
    if (entry.kind === 'answer' || index < dropped) return;
    const answer = entries[index + 1];
    const isOpen = index + 2 >= entries.length && !isOver(answer);
    const isAnswered = answer?.kind === 'answer' && answer.text !== '' && answer.state !== 'failed';
    if (!isOpen && !isAnswered) return;
    all.push({ message: questionMessage(entry), index });
    if (!isOpen && isAnswered)
      all.push({ message: { role: 'assistant', content: answer.text }, index: index + 1 });
  });
  return all;
}

function isOver(answer: Branch['entries'][number] | undefined): boolean {
  return answer?.kind === 'answer' && answer.state !== 'streaming';
}

function questionMessage({ text, prompt, attachments = [] }: QuestionEntry): ChatMessage {
  const content = prompt ?? text;
  return attachments.length === 0
    ? { role: 'user', content }
    : { role: 'user', content, attachments: attachments.map(toProtocol) };
}

function toProtocol({ name, path, languageId, text }: Attachment): ChatAttachment {
  return {
    ...{ name, text },
    ...(path !== undefined && { path }),
    ...(languageId !== undefined && { languageId }),
  };
}

function sizeOf({ content, attachments = [] }: ChatMessage): number {
  return attachments.reduce((sum, { text }) => sum + text.length, content.length);
}
