import { randomUUID } from 'node:crypto';
import { assertNever } from '../../base/assertNever.ts';
import type { EngineClient } from '../../client/engineClient.ts';
import { EngineGoneError } from '../../client/engineError.ts';
import type { ChatParams, ChatResult } from '../../protocol/chat.ts';
import type { AnswerEntry, ChatStatus, FromWebview, ToWebview } from './chatProtocol.ts';
import type { Conversation } from './chatProtocol.ts';
import { parseConversation } from './chatSchema.ts';
import {
  answerStats,
  emptyConversation,
  lastAnswer,
  messagesOf,
  restored,
  takeLastQuestion,
  withAnswer,
  withQuestion,
} from './conversation.ts';

export interface ChatOptions {
  readonly engine: Pick<EngineClient, 'chat'>;
  /** What `save` was given last, perhaps by another version. */
  readonly load: () => unknown;
  readonly save: (conversation: Conversation) => void;
  /** To the panel; dropped when there is none. */
  readonly post: (message: ToWebview) => void;
  readonly copy: (text: string) => void;
  readonly selectModel: () => void;
}

export type AnswerLimits = Pick<ChatParams, 'maxTokens'>;

/** Holds the conversation; panels come and go. Invariant: at most one answer streams. */
export class ChatController {
  readonly #options: ChatOptions;
  #conversation: Conversation;
  #status: ChatStatus = { words: 'starting', isReady: false, isStandIn: false };
  #running: AbortController | undefined;

  constructor(options: ChatOptions) {
    this.#options = options;
    const kept = parseConversation(options.load());
    this.#conversation = kept ? restored(kept) : emptyConversation(randomUUID());
  }

  handle(message: FromWebview): void {
    switch (message.kind) {
      case 'ready':
        this.#options.post({ kind: 'status', status: this.#status });
        return this.#postAll();
      case 'send':
        return void this.send(message.text);
      case 'stop':
        return this.#running?.abort();
      case 'retry':
        return this.#retry();
      case 'newChat':
        return this.newChat();
      case 'copy':
        return this.#options.copy(message.text);
      case 'selectModel':
        return this.#options.selectModel();
      default:
        return assertNever(message);
    }
  }

  setStatus(status: ChatStatus): void {
    this.#status = status;
    this.#options.post({ kind: 'status', status });
  }

  newChat(): void {
    this.#running?.abort();
    this.#change(emptyConversation(randomUUID()));
    this.#postAll();
  }

  /** Resolves with the answer when it is over, however it ended. Undefined: one is streaming, or nothing was asked. */
  async send(text: string, limits: AnswerLimits = {}): Promise<AnswerEntry | undefined> {
    if (this.#running || text.trim() === '') return undefined;
    const running = new AbortController();
    this.#running = running;
    this.#change(withQuestion(this.#conversation, text));
    this.#postAll();
    const { id } = this.#conversation;
    const answer = await this.#answer(limits, running.signal);
    this.#running = undefined;
    // A new chat was begun meanwhile: nobody waits for this answer.
    if (this.#conversation.id === id) {
      this.#change(withAnswer(this.#conversation, answer));
      this.#options.post({ kind: 'entry', entry: answer });
    }
    return answer;
  }

  async #answer(limits: AnswerLimits, signal: AbortSignal): Promise<AnswerEntry> {
    const chatId = this.#conversation.id;
    let answer = lastAnswer(this.#conversation)!;
    const onDelta = ({ text }: { readonly text: string }): void => {
      answer = { ...answer, text: answer.text + text };
      if (this.#conversation.id !== chatId) return;
      this.#conversation = withAnswer(this.#conversation, answer);
      this.#options.post({ kind: 'delta', id: answer.id, text });
    };
    try {
      const params = { chatId, messages: messagesOf(this.#conversation), ...limits };
      return finished(answer, await this.#options.engine.chat(params, onDelta, signal));
    } catch (error) {
      if (signal.aborted) return { ...answer, state: 'stopped', note: 'Stopped.' };
      return { ...answer, state: 'failed', note: failureWords(error) };
    }
  }

  #retry(): void {
    if (this.#running) return;
    const { text, rest } = takeLastQuestion(this.#conversation);
    this.#conversation = rest;
    if (text !== undefined) void this.send(text);
  }

  #change(conversation: Conversation): void {
    this.#conversation = conversation;
    this.#options.save(conversation);
  }

  #postAll(): void {
    this.#options.post({ kind: 'conversation', conversation: this.#conversation });
  }
}

function finished(answer: AnswerEntry, result: ChatResult): AnswerEntry {
  const done = { ...answer, text: result.text, stats: answerStats(result.stats) };
  if (result.stopReason === 'cancelled') return { ...done, state: 'stopped', note: 'Stopped.' };
  if (result.stopReason !== 'length') return { ...done, state: 'done' };
  return { ...done, state: 'done', note: 'The answer reached its largest length.' };
}

function failureWords(error: unknown): string {
  if (error instanceof EngineGoneError) {
    return 'The engine stopped while it was answering and is starting again. Your question is kept.';
  }
  return error instanceof Error ? error.message : String(error);
}
