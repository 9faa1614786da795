/** A conversation is a value; every step gives a new one. In a branch questions and answers alternate. */
import type { AnswerEntry, ChatEntry, QuestionEntry } from './shared/chatEntry.ts';

export interface Conversation {
  readonly id: string;
  readonly title: string;
  /** Never written anywhere. */
  readonly isPrivate: boolean;
  /** ms since 1970. */
  readonly updatedAt: number;
  /** `chatId` of the branch that shows. */
  readonly current: string;
  readonly branches: readonly Branch[];
}

/** One way the conversation went; begins with the same entries as the one it was forked from. */
export interface Branch {
  /** Names its session in the engine. */
  readonly chatId: string;
  readonly branchOf?: string | undefined;
  readonly entries: readonly ChatEntry[];
  /** Entries at the beginning that the model is no longer told of. */
  readonly dropped: number;
}

export const untitled = 'New chat';
const maxTitle = 60;

export function newConversation(
  id: string,
  options: { readonly isPrivate: boolean },
): Conversation {
  const branch: Branch = { chatId: id, entries: [], dropped: 0 };
  const { isPrivate } = options;
  return { id, title: untitled, isPrivate, updatedAt: 0, current: id, branches: [branch] };
}

export function currentBranch({ branches, current }: Conversation): Branch {
  const branch = branches.find(({ chatId }) => chatId === current) ?? branches[0];
  if (branch === undefined) throw new Error('A conversation has at least one branch.');
  return branch;
}

export type Question = Omit<QuestionEntry, 'kind' | 'id'>;

/** Adds a question and the answer that is about to stream. */
export function withQuestion(conversation: Conversation, question: Question): Conversation {
  const id = nextId(conversation);
  const asked: ChatEntry = { kind: 'question', id, ...question };
  const titled =
    conversation.title === untitled
      ? { ...conversation, title: titleOf(question.text) }
      : conversation;
  return withDueAnswer(
    withCurrent(titled, ({ entries, ...branch }) => ({ ...branch, entries: [...entries, asked] })),
  );
}

/** Adds an answer to the last question. */
export function withDueAnswer(conversation: Conversation): Conversation {
  const due: AnswerEntry = {
    ...{ kind: 'answer', id: nextId(conversation), text: '', state: 'streaming' },
  } as const;
  return withCurrent(conversation, (branch) => ({ ...branch, entries: [...branch.entries, due] }));
}

/** In every branch that has it. */
export function withAnswer(conversation: Conversation, answer: AnswerEntry): Conversation {
  const branches = conversation.branches.map((branch) => ({
    ...branch,
    entries: branch.entries.map((entry) => (entry.id === answer.id ? answer : entry)),
  }));
  return { ...conversation, branches };
}

export function lastAnswer(conversation: Conversation): AnswerEntry | undefined {
  const last = currentBranch(conversation).entries.at(-1);
  return last?.kind === 'answer' ? last : undefined;
}

/** A new branch that begins with the first `length` entries of the present one. */
export function branched(conversation: Conversation, chatId: string, length: number): Conversation {
  const from = currentBranch(conversation);
  const branch: Branch = {
    chatId,
    branchOf: from.chatId,
    entries: from.entries.slice(0, length),
    dropped: Math.min(from.dropped, length),
  };
  return { ...conversation, current: chatId, branches: [...conversation.branches, branch] };
}

/** The present branch, cut: what stood behind was worth nothing. */
export function cutTo(conversation: Conversation, length: number): Conversation {
  return withCurrent(conversation, (branch) => ({
    ...branch,
    entries: branch.entries.slice(0, length),
  }));
}

export function withTitle(conversation: Conversation, title: string): Conversation {
  const trimmed = title.trim();
  return trimmed === '' ? conversation : { ...conversation, title: trimmed.slice(0, 200) };
}

/** Gives the present branch another session, which knows the entries from `dropped` on. */
export function withSession(
  conversation: Conversation,
  before: string,
  chatId: string,
  dropped: number,
): Conversation {
  const branches = conversation.branches.map((branch) => {
    if (branch.chatId === before) return { ...branch, chatId, dropped };
    return branch.branchOf === before ? { ...branch, branchOf: chatId } : branch;
  });
  const current = conversation.current === before ? chatId : conversation.current;
  return { ...conversation, current, branches };
}

/** After a reload nothing streams any more. */
export function restored(conversation: Conversation): Conversation {
  const stopped = (entry: ChatEntry): ChatEntry =>
    entry.kind === 'answer' && entry.state === 'streaming'
      ? { ...entry, state: 'stopped', note: 'The window was closed.' }
      : entry;
  const branches = conversation.branches.map((branch) => ({
    ...branch,
    entries: branch.entries.map(stopped),
  }));
  return { ...conversation, branches };
}

export function withCurrent(
  conversation: Conversation,
  change: (branch: Branch) => Branch,
): Conversation {
  const current = currentBranch(conversation);
  const branches = conversation.branches.map((one) => (one === current ? change(one) : one));
  return { ...conversation, branches };
}

function nextId({ branches }: Conversation): number {
  const ids = branches.flatMap(({ entries }) => entries.map(({ id }) => id));
  return Math.max(0, ...ids) + 1;
}

function titleOf(text: string): string {
  const line = text.trim().split('\n', 1)[0] ?? '';
  return line.length <= maxTitle ? line : `${line.slice(0, maxTitle - 1)}…`;
}
