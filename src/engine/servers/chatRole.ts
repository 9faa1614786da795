/** Chat by a server: the project first, then the conversation, so that each turn begins as the one before. */
import type { ChatContext, ChatMessage, ChatParams, ChatResult } from '../../protocol/chat.ts';
import type { ServerEndpoint } from '../../protocol/servers.ts';
import { fitMessages } from '../chat/fitMessages.ts';
import { EngineError } from '../errors.ts';
import { attachmentsText, messageText } from '../prompt/chatMessage.ts';
import { trace } from '../trace.ts';
import { readAnswer } from './answer.ts';
import { Endpoint } from './endpoint.ts';
import { projectHead } from './fimTemplates.ts';
import { ProjectTexts } from './projectText.ts';
import { statsOf, type RoleOptions } from './servedRole.ts';
import { assumedCharsPerToken, assumedContextTokens } from './serverBudget.ts';
import type { ServerApi, ServerMessage } from './serverKind.ts';

const defaultMaxTokens = 1024;
const largestProject = 16_384;
/** How thinking that comes apart from the answer stands in its text. */
const thinking = { open: '<think>', close: '</think>' } as const;
const thought = /^\s*<think>[\s\S]*?<\/think>\s*/;

const instruction =
  'You are Warmfork, a programming assistant. The project is shown above. Answer briefly, with code in fenced blocks.';

export interface ChatOptions {
  readonly signal: AbortSignal;
  readonly onText: (text: string) => void;
}

interface Prepared {
  readonly messages: readonly ServerMessage[];
  readonly maxTokens: number;
  readonly dropped: number;
  readonly context: ChatContext;
}

export class ChatRole {
  readonly endpoint: Endpoint;
  readonly project: ProjectTexts;
  readonly #options: RoleOptions;

  constructor(server: ServerEndpoint, options: RoleOptions) {
    const { params, settings, clock, ending, onHealth } = options;
    this.#options = options;
    this.project = new ProjectTexts(params, clock, ending);
    this.endpoint = new Endpoint({ server, settings, clock, ending, onHealth });
  }

  /** Throws a {@link ServerError}, `ERR_WARMFORK_CONTEXT_FULL`, or the signal's reason when nothing has come yet. */
  async turn(params: ChatParams, { signal, onText }: ChatOptions): Promise<ChatResult> {
    const startedMs = performance.now();
    return this.endpoint.use(async (api) => {
      const { messages, maxTokens, dropped, context } = await this.#prepare(api, params);
      const answer = new AnswerText(onText);
      const pieces = api.chat({ messages, maxTokens, sampling: params.sampling, signal });
      const read = await readAnswer(pieces, {
        ...{ startedMs, takesCut: false, stop: () => false },
        onText: (added) => answer.said(added),
        onThinking: (added) => answer.thought(added),
      }).catch((error: unknown) => {
        if (!signal.aborted || answer.text === '') throw error;
        return undefined; // a person has read enough
      });
      const stats = statsOf(read ?? { usage: undefined, firstTextMs: undefined }, startedMs);
      const { promptTokens, evaluated, reused } = stats;
      trace({ event: 'served', role: 'chat', promptTokens, evaluated, reused });
      return {
        text: answer.text,
        stopReason: read?.stopReason ?? 'cancelled',
        ...{ stats, context },
        ...(dropped > 0 && { dropped }),
        ...(answer.hasThought && { thinking }),
      };
    });
  }

  /** What a conversation takes of the server's context, by a guess. */
  async context(messages: readonly ChatMessage[]): Promise<ChatContext> {
    return this.endpoint.use(async (api) => {
      const { window, base } = await this.#sizes(api);
      return contextOf(window, base, messages);
    });
  }

  async close(): Promise<void> {
    await this.project.close();
    this.endpoint.close();
  }

  async #sizes({ facts }: ServerApi) {
    const { settings, params } = this.#options;
    const window = settings.contextTokens ?? facts.contextTokens ?? assumedContextTokens;
    const wanted = Math.min(params.settings.baseTokens ?? largestProject, Math.floor(window / 2));
    const project = await this.project.current(wanted, assumedCharsPerToken);
    const { repoName, blocks } = project;
    const head = projectHead('none', { repoName, project: blocks, context: [] });
    const system = `${head}\n\n${instruction}`;
    return { window, system, base: tokensIn(system) };
  }

  async #prepare(api: ServerApi, { messages, maxTokens }: ChatParams): Promise<Prepared> {
    const { window, system, base } = await this.#sizes(api);
    const answer = Math.min(maxTokens ?? defaultMaxTokens, Math.floor(window / 4));
    const fitted = fitMessages(messages, window - base - answer, (some) => ({
      length: tokensOf(some),
    }));
    if (fitted === undefined)
      throw new EngineError(
        'ERR_WARMFORK_CONTEXT_FULL',
        `The question with its attachments does not fit into the server's ${window} tokens beside the project. Attach less.`,
      );
    const kept = messages.slice(fitted.dropped);
    return {
      messages: [{ role: 'system', content: system }, ...kept.map(toServer)],
      maxTokens: answer,
      dropped: fitted.dropped,
      context: contextOf(window, base, kept),
    };
  }
}

/** Thinking and answer as one text, as local models give it. */
class AnswerText {
  text = '';
  hasThought = false;
  readonly #onText: (text: string) => void;
  #isThinking = false;

  constructor(onText: (text: string) => void) {
    this.#onText = onText;
  }

  thought(added: string): void {
    this.#add(this.#isThinking ? added : `${thinking.open}${added}`);
    this.#isThinking = true;
    this.hasThought = true;
  }

  said(added: string): void {
    this.#add(this.#isThinking ? `${thinking.close}${added}` : added);
    this.#isThinking = false;
  }

  #add(text: string): void {
    this.text += text;
    this.#onText(text);
  }
}

/** Thoughts of earlier turns are not sent back: servers' templates would leave them out, too. */
function toServer(message: ChatMessage): ServerMessage {
  const { role, content } = message;
  return role === 'user'
    ? { role, content: messageText(message) }
    : { role, content: content.replace(thought, '') };
}

function contextOf(window: number, base: number, messages: readonly ChatMessage[]): ChatContext {
  const attachments = messages.reduce((sum, one) => sum + tokensIn(attachmentsText(one)), 0);
  const used = tokensOf(messages);
  const room = Math.max(0, window - base - used);
  return { window, base, history: Math.max(0, used - attachments), attachments, room };
}

function tokensOf(messages: readonly ChatMessage[]): number {
  return messages.reduce((sum, message) => sum + tokensIn(toServer(message).content) + 4, 0);
}

export function tokensIn(text: string): number {
  return Math.ceil(text.length / assumedCharsPerToken);
}
