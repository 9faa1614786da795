import { randomUUID } from 'node:crypto';
import type { EngineClient } from '../../client/engineClient.ts';
import type { ChatContext, ChatParams } from '../../protocol/chat.ts';
import { answering, droppedNote } from './answering.ts';
import type { AnswerEntry, Attachment } from './shared/chatEntry.ts';
import type { ChatStatus, ToWebview } from './shared/chatProtocol.ts';
import { AttachmentList } from './attachmentList.ts';
import type { ChatStore } from './chatStore.ts';
import { CurrentConversation } from './currentConversation.ts';
import {
  branched,
  currentBranch,
  cutTo,
  lastAnswer,
  newConversation,
  restored,
  withAnswer,
  withDueAnswer,
  withQuestion,
  withSession,
  withTitle,
  type Conversation,
  type Question,
} from './conversation.ts';
import { droppedEntries, messagesOf } from './messages.ts';
import { isTight, shorten } from './shortening.ts';
import { parseQuestion, type SlashName } from './shared/slashCommands.ts';
import { shown, switched } from './versions.ts';

export interface ChatOptions {
  readonly engine: Pick<EngineClient, 'chat' | 'openChat' | 'closeChat' | 'discardChat'>;
  readonly store: ChatStore;
  /** To the panel; dropped when there is none. */
  readonly post: (message: ToWebview) => void;
  /** What goes with a slash command when nothing was attached. */
  readonly attachmentsFor: (slash: SlashName) => Promise<readonly Attachment[]>;
  readonly now: () => number;
  /** Largest length of an answer, in tokens. */
  readonly maxAnswerTokens: () => number;
}

export type AnswerLimits = Pick<ChatParams, 'maxTokens'>;

/** Holds the conversation; panels come and go. Invariant: at most one answer streams. */
export class ChatController {
  readonly #options: ChatOptions;
  readonly #current: CurrentConversation;
  readonly #attachments: AttachmentList;
  readonly #loaded: Promise<void>;
  #status: ChatStatus = { words: 'starting', isReady: false, isStandIn: false };
  #context: ChatContext | undefined;
  #running: AbortController | undefined;
  #shortening: AbortController | undefined;
  /** Session that was brought into memory last. */
  #openedChat: string | undefined;
  #isShown = false;

  constructor(options: ChatOptions) {
    this.#options = options;
    this.#current = new CurrentConversation(options.store, options.now);
    this.#attachments = new AttachmentList((attachments) =>
      options.post({ kind: 'attachments', attachments }),
    );
    this.#loaded = this.#current.load();
  }

  get conversation(): Conversation {
    return this.#current.value;
  }

  /** A panel has come: it gets everything there is. */
  async show(): Promise<void> {
    await this.#loaded;
    this.#isShown = true;
    this.#options.post({ kind: 'status', status: this.#status });
    this.#attachments.tell();
    this.#postAll();
    await this.#warmUp();
  }

  setStatus(status: ChatStatus): void {
    const wasReady = this.#status.isReady;
    this.#status = status;
    this.#options.post({ kind: 'status', status });
    // An engine that has started anew holds nothing.
    if (!status.isReady) this.#openedChat = undefined;
    else if (!wasReady) void this.#warmUp();
  }

  newChat({ isPrivate }: { readonly isPrivate: boolean }): void {
    this.#leave();
    this.#showOther(newConversation(randomUUID(), { isPrivate }));
    this.#options.post({ kind: 'compose' });
  }

  /** Shows a conversation of the history. */
  async open(id: string): Promise<void> {
    const kept = await this.#options.store.load(id);
    if (kept === undefined || id === this.conversation.id) return;
    this.#leave();
    this.#showOther(restored(kept));
    await this.#warmUp();
  }

  async rename(id: string, title: string): Promise<void> {
    if (id === this.conversation.id) {
      this.#current.change(withTitle(this.conversation, title));
      this.#postAll();
    } else {
      const kept = await this.#options.store.load(id);
      if (kept) await this.#options.store.save(withTitle(kept, title));
    }
    await this.postHistory();
  }

  /** Removes a conversation with its sessions. */
  async delete(id: string): Promise<void> {
    const { store, engine } = this.#options;
    const isCurrent = id === this.conversation.id;
    const gone = isCurrent ? this.conversation : await store.load(id);
    if (isCurrent) this.newChat({ isPrivate: false });
    await store.remove(id);
    await this.postHistory();
    for (const { chatId } of gone?.branches ?? [])
      await engine.discardChat(chatId).catch(() => undefined); // evicted some day
  }

  async postHistory(): Promise<void> {
    const all = await this.#options.store.list();
    const items = all.map(({ id, title, updatedAt }) => ({
      ...{ id, title, updatedAt },
      isCurrent: id === this.conversation.id,
    }));
    this.#options.post({ kind: 'history', items });
  }

  attach(attachments: readonly Attachment[]): void {
    this.#attachments.add(attachments);
  }

  detach(id: number): void {
    this.#attachments.remove(id);
  }

  stop(): void {
    this.#running?.abort();
  }

  /** Resolves with the answer when it is over, however it ended. Undefined: one is streaming, or nothing was asked. */
  async send(typed: string, limits: AnswerLimits = {}): Promise<AnswerEntry | undefined> {
    return this.#exclusively(async (running) => {
      const question = await this.#questionOf(typed);
      if (question.text === '') return undefined;
      this.#current.change(withQuestion(this.conversation, question));
      return this.#answer(limits, running);
    });
  }

  /** Asks the question of this answer again, in a branch of its own unless the answer was worth nothing. */
  async retry(answerId: number, limits: AnswerLimits = {}): Promise<AnswerEntry | undefined> {
    return this.#exclusively(async (running) => {
      const at = this.#indexOf(answerId);
      if (at < 1) return undefined;
      const old = currentBranch(this.conversation).entries[at];
      const isWorthless = old?.kind === 'answer' && (old.text === '' || old.state === 'failed');
      const forked = isWorthless
        ? cutTo(this.conversation, at)
        : branched(this.conversation, randomUUID(), at);
      this.#current.change(withDueAnswer(forked));
      return this.#answer(limits, running);
    });
  }

  /** Asks another question in the place of this one, in a branch of its own. */
  async edit(questionId: number, typed: string): Promise<AnswerEntry | undefined> {
    return this.#exclusively(async (running) => {
      const at = this.#indexOf(questionId);
      const old = currentBranch(this.conversation).entries[at];
      if (old?.kind !== 'question' || typed.trim() === '') return undefined;
      const question = await this.#questionOf(typed, old.attachments);
      const forked = branched(this.conversation, randomUUID(), at);
      this.#current.change(withQuestion(forked, question));
      return this.#answer({}, running);
    });
  }

  /** Goes on from this answer in a branch of its own. */
  branch(answerId: number): void {
    const at = this.#indexOf(answerId);
    if (this.#running || at < 0) return;
    this.#current.change(branched(this.conversation, randomUUID(), at + 1));
    this.#postAll();
    this.#options.post({ kind: 'compose' });
  }

  switchVersion(entryId: number, step: number): void {
    if (this.#running) return;
    this.#shortening?.abort();
    this.#current.change(switched(this.conversation, entryId, step));
    this.#postAll();
    void this.#warmUp();
  }

  async #exclusively(
    work: (running: AbortController) => Promise<AnswerEntry | undefined>,
  ): Promise<AnswerEntry | undefined> {
    if (this.#running) return undefined;
    const running = new AbortController();
    this.#running = running;
    this.#shortening?.abort();
    try {
      await this.#loaded;
      return await work(running);
    } finally {
      if (this.#running === running) this.#running = undefined;
    }
  }

  async #questionOf(typed: string, attached?: readonly Attachment[]): Promise<Question> {
    const { text, slash, prompt } = parseQuestion(typed);
    const chosen = attached ?? this.#attachments.all;
    if (text !== '' && attached === undefined) this.#attachments.clear();
    const attachments =
      chosen.length === 0 && slash !== undefined
        ? await this.#options.attachmentsFor(slash)
        : chosen;
    return {
      text,
      ...(prompt !== undefined && { prompt }),
      ...(attachments.length > 0 && { attachments }),
    };
  }

  /** Streams the answer that is due. */
  async #answer(limits: AnswerLimits, running: AbortController): Promise<AnswerEntry> {
    this.#postAll();
    const { id } = this.conversation;
    const branch = currentBranch(this.conversation);
    const due = lastAnswer(this.conversation)!;
    const { answer, context, dropped } = await answering(
      this.#options.engine,
      { ...this.#sessionParams(), maxTokens: this.#options.maxAnswerTokens(), ...limits },
      due,
      (growing, text) => {
        if (this.conversation.id !== id) return;
        this.#current.grow(withAnswer(this.conversation, growing));
        this.#options.post({ kind: 'delta', id: due.id, text });
      },
      running.signal,
    );
    this.#openedChat = branch.chatId;
    // Another chat was begun meanwhile: nobody waits for this answer.
    if (this.conversation.id !== id) return answer;
    this.#current.change(withAnswer(this.conversation, answer));
    this.#options.post({ kind: 'entry', entry: answer });
    if (dropped > 0) this.#drop(branch.chatId, branch.chatId, droppedEntries(branch, dropped));
    this.#setContext(context ?? this.#context);
    if (context && isTight(context)) void this.#shorten();
    return answer;
  }

  #sessionParams(): Pick<ChatParams, 'chatId' | 'messages' | 'branchOf' | 'isPrivate'> {
    const branch = currentBranch(this.conversation);
    const { chatId, branchOf } = branch;
    const { isPrivate } = this.conversation;
    const messages = messagesOf(branch);
    return { chatId, messages, isPrivate, ...(branchOf !== undefined && { branchOf }) };
  }

  /** Brings the session of what shows into memory: nothing is evaluated for that. */
  async #warmUp(): Promise<void> {
    const params = this.#sessionParams();
    if (!this.#isShown || !this.#status.isReady || this.#running) return;
    if (params.messages.length === 0 || params.chatId === this.#openedChat) return;
    this.#openedChat = params.chatId;
    try {
      const { context } = await this.#options.engine.openChat(params);
      if (currentBranch(this.conversation).chatId === params.chatId) this.#setContext(context);
    } catch {
      this.#openedChat = undefined; // the next question says what is wrong
    }
  }

  async #shorten(): Promise<void> {
    const { engine } = this.#options;
    const branch = currentBranch(this.conversation);
    const { isPrivate } = this.conversation;
    const shortening = new AbortController();
    this.#shortening = shortening;
    const { signal } = shortening;
    const short = await shorten(engine, branch, { chatId: randomUUID(), isPrivate, signal });
    if (short === undefined) return;
    if (signal.aborted || currentBranch(this.conversation).chatId !== branch.chatId) {
      await engine.discardChat(short.chatId).catch(() => undefined);
      return;
    }
    this.#drop(branch.chatId, short.chatId, short.dropped);
    this.#openedChat = undefined;
    await this.#warmUp();
    await engine.discardChat(branch.chatId).catch(() => undefined); // evicted some day
  }

  /** Goes on without the first entries, and says so. */
  #drop(before: string, chatId: string, dropped: number): void {
    const changed = withSession(this.conversation, before, chatId, dropped);
    const last = lastAnswer(changed);
    const noted =
      last && last.note === undefined
        ? withAnswer(changed, { ...last, note: droppedNote() })
        : changed;
    this.#current.change(noted);
    this.#postAll();
  }

  /** What shows is put away: its answer ends, its session goes to its file. */
  #leave(): void {
    this.#running?.abort();
    this.#running = undefined;
    this.#shortening?.abort();
    const { isPrivate, branches } = this.conversation;
    const { engine } = this.#options;
    for (const { chatId, entries } of branches) {
      if (entries.length === 0) continue;
      const end = isPrivate ? engine.discardChat(chatId) : engine.closeChat(chatId);
      void end.catch(() => undefined); // saved or forgotten with the engine
    }
  }

  #showOther(conversation: Conversation): void {
    this.#current.become(conversation);
    this.#openedChat = undefined;
    this.#setContext(undefined);
    this.#postAll();
  }

  #indexOf(entryId: number): number {
    return currentBranch(this.conversation).entries.findIndex(({ id }) => id === entryId);
  }

  #setContext(context: ChatContext | undefined): void {
    this.#context = context;
    this.#options.post({ kind: 'context', context });
  }

  #postAll(): void {
    this.#options.post({ kind: 'conversation', conversation: shown(this.conversation) });
    this.#options.post({ kind: 'context', context: this.#context });
  }
}
