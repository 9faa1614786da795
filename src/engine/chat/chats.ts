/** The conversations of one engine: turns, and what keeps their sessions warm between turns. */
import { commonPrefixLength } from '../../cache/tokenPrefix.ts';
import type {
  ChatMessage,
  ChatParams,
  ChatResult,
  ChatSessionParams,
  OpenChatParams,
  OpenedChat,
} from '../../protocol/chat.ts';
import type { RemoveResult, SaveResult } from '../../protocol/requests.ts';
import type { Base } from '../base/base.ts';
import { EngineError } from '../errors.ts';
import { generate, type Generated } from '../inference/generate.ts';
import type { Overlays } from '../overlay/overlays.ts';
import { ChatTemplate } from '../prompt/chatPrompt.ts';
import type { Runtime } from '../runtime.ts';
import { trace } from '../trace.ts';
import { chatContext, chatRoom } from './chatContext.ts';
import { ChatQueue } from './chatQueue.ts';
import { ChatSession } from './chatSession.ts';
import { fitMessages, type Fitted } from './fitMessages.ts';
import { StopText } from './stopText.ts';

const defaultMaxTokens = 1024;
/** Cells that must be left for an answer to begin at all. */
const minimumAnswer = 16;

export interface TurnOptions {
  readonly signal: AbortSignal;
  /** Given what is generated as it comes. */
  readonly onText: (text: string) => void;
}

export class Chats {
  readonly #runtime: Runtime;
  readonly #base: Base;
  readonly #overlays: Overlays;
  #reading: Promise<ChatTemplate> | undefined;
  readonly #ending: AbortSignal;
  readonly #queue = new ChatQueue();

  /** @param ending aborts when the engine ends. */
  constructor(runtime: Runtime, base: Base, overlays: Overlays, ending: AbortSignal) {
    this.#runtime = runtime;
    this.#base = base;
    this.#overlays = overlays;
    this.#ending = ending;
  }

  /** Read with the first conversation: a window that only completes does not wait for it, nor for one that cannot be read. */
  #template(): Promise<ChatTemplate> {
    const { model, tokenizer } = this.#runtime;
    this.#reading ??= ChatTemplate.read(model.info, tokenizer);
    return this.#reading;
  }

  /** Answers one question. Throws `ERR_WARMFORK_CONTEXT_FULL` when not even the question fits. */
  turn(params: ChatParams, options: TurnOptions): Promise<ChatResult> {
    return this.#queue.foreground(params.chatId, () =>
      this.#with(params, (session, template) => this.#turn(session, template, params, options)),
    );
  }

  /** Evaluates what ends the turn, so that the next one begins at its question, and saves the session. */
  settle(params: ChatSessionParams, { text, dropped = 0 }: ChatResult): Promise<SaveResult> {
    const messages = [...params.messages.slice(dropped), answerMessage(text)];
    return this.#inBackground(params, messages);
  }

  open(params: OpenChatParams, signal: AbortSignal): Promise<OpenedChat> {
    return this.#queue.after(params.chatId, () =>
      this.#with(params, async (session, template) => {
        const sessionRestored = await session.attach(params, template, signal);
        const tokens = tokensOf(template, params.messages, session.known);
        if (params.evaluate === true) await session.extend(tokens, 'upkeep', signal);
        const missing = tokens.length - commonPrefixLength(session.known, tokens);
        const { messages } = params;
        const context = chatContext(this.#runtime, this.#base, messages, tokens.length);
        return { context, missing, sessionRestored };
      }),
    );
  }

  /** Saves the session and gives its cells back. */
  close(chatId: string): Promise<SaveResult> {
    return this.#queue.after(chatId, () => this.#overlays.close({ kind: 'chat', chatId }));
  }

  /** Removes the session, in memory and on disk. */
  discard(chatId: string): Promise<RemoveResult> {
    return this.#queue.foreground(chatId, async () => {
      const name = { kind: 'chat', chatId } as const;
      await this.#overlays.drop(name);
      const removed = await this.#runtime.persistence?.store.remove(name);
      return { removed: removed === true ? 1 : 0, bytes: 0 };
    });
  }

  countTokens(text: string): number {
    return this.#runtime.tokenizer.text(text).length;
  }

  /** Resolves when every turn is over and put aside. */
  idle(): Promise<void> {
    return this.#queue.idle();
  }

  async #with<T>(
    params: ChatSessionParams,
    work: (session: ChatSession, template: ChatTemplate) => Promise<T>,
  ): Promise<T> {
    const name = { kind: 'chat', chatId: params.chatId } as const;
    const template = await this.#template();
    return this.#runtime.gate.shared(
      () =>
        this.#overlays.use(name, (overlay) =>
          work(new ChatSession(this.#runtime, this.#base, this.#overlays, overlay), template),
        ),
      { lasting: true },
    );
  }

  async #turn(
    session: ChatSession,
    template: ChatTemplate,
    params: ChatParams,
    options: TurnOptions,
  ): Promise<ChatResult> {
    const { signal } = options;
    const restored = await session.attach(params, template, signal);
    const { tokens: prompt, dropped } = this.#fit(template, params.messages, session.known);
    const room = chatRoom(this.#runtime, this.#base) - prompt.length;
    const answer = new StopText(template.stopTexts, options.onText);
    this.#runtime.counters.chats++;
    const generated = await generate(this.#runtime, this.#base, this.#overlays, {
      overlay: session.overlay,
      restored,
      prompt,
      priority: 'chat',
      signal,
      maxTokens: Math.min(room, params.maxTokens ?? defaultMaxTokens),
      sampling: params.sampling,
      keepGenerated: true,
      onText: (added) => answer.add(added),
      stop: () => answer.isOver,
    });
    traceChat(params.chatId, generated, dropped);
    const { thinking } = template;
    const messages = params.messages.slice(dropped);
    const used = prompt.length + generated.tokens.length;
    return {
      text: answer.finish(),
      stopReason: generated.stopReason,
      stats: generated.stats,
      context: chatContext(this.#runtime, this.#base, messages, used),
      ...(dropped > 0 && { dropped }),
      ...(thinking && { thinking }),
    };
  }

  #fit(template: ChatTemplate, messages: readonly ChatMessage[], known: readonly number[]): Fitted {
    const room = chatRoom(this.#runtime, this.#base) - minimumAnswer;
    const fitted = fitMessages(messages, room, (some) => template.tokens(some, known));
    if (fitted !== undefined) return fitted;
    throw new EngineError(
      'ERR_WARMFORK_CONTEXT_FULL',
      `The question with its attachments does not fit: there is room for ${Math.max(0, room)} tokens beside the project. Attach less, or raise warmfork.model.contextTokens.`,
    );
  }

  #inBackground(params: ChatSessionParams, messages: readonly ChatMessage[]): Promise<SaveResult> {
    return this.#queue.background(params.chatId, async (gaveWay) => {
      const signal = AbortSignal.any([gaveWay, this.#ending]);
      await this.#with(params, async (session, template) => {
        if (session.overlay.sequence === undefined || signal.aborted) return;
        const tokens = template.closedTokens(messages, session.known);
        await session.extend(tokens, 'upkeep', signal).catch((error: unknown) => {
          if (!signal.aborted) this.#runtime.log('debug', (error as Error).message);
        });
      });
      return this.#overlays.save({ kind: 'chat', chatId: params.chatId });
    });
  }
}

/** Of a whole conversation: up to the answer that is due, or to the next question. */
function tokensOf(
  template: ChatTemplate,
  messages: readonly ChatMessage[],
  known: readonly number[],
): readonly number[] {
  return messages.at(-1)?.role === 'user'
    ? template.tokens(messages, known)
    : template.closedTokens(messages, known);
}

function answerMessage(content: string): ChatMessage {
  return { role: 'assistant', content };
}

function traceChat(chatId: string, { stats, stopReason }: Generated, dropped: number): void {
  const { promptTokens, evaluated, reused, generated, firstTokenMs, sessionRestored } = stats;
  trace({
    event: 'chat',
    ...{ chatId, promptTokens, evaluated, reused, generated, stopReason },
    ...{ firstTokenMs, sessionRestored, dropped },
  });
}
