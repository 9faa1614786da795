/** The chat prompt on top of the base, by the model's own chat template. */
import type * as NodeLlamaCpp from 'node-llama-cpp';
import type { ChatHistoryItem, ChatWrapper } from 'node-llama-cpp';
import type { ModelInfo } from '../../../native/index.js';
import type { ChatMessage, ThinkingMarks } from '../../protocol/chat.ts';
import type { Tokenizer } from '../inference/tokenizer.ts';
import { messageText } from './chatMessage.ts';
import { tokensOf, type PromptPiece } from './knownTokens.ts';

export const systemMessage =
  'You are Warmfork, a programming assistant that runs on the user’s own machine. The project is shown above. Answer briefly, with code in fenced blocks.';

/** ChatML, which a model without a template of its own is most likely to follow. */
const chatMl = `{% for message in messages %}<|im_start|>{{ message['role'] }}
{{ message['content'] }}<|im_end|>
{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
{% endif %}`;

/** Stands for a question that nobody has asked yet. */
const openQuestion = '\u{E000}question\u{E000}';

/** A window that only completes does not wait for it to be loaded. */
type Library = typeof NodeLlamaCpp;
type TemplateInfo = Pick<ModelInfo, 'chatTemplate' | 'metadata'>;
type WrapperOptions = Parameters<Library['resolveChatWrapper']>[0];

export class ChatTemplate {
  readonly #library: Library;
  readonly #wrapper: ChatWrapper;
  readonly #tokenizer: Tokenizer;
  /** What encloses thinking in an answer; absent for models that do not think aloud. */
  readonly thinking: ThinkingMarks | undefined;
  /** Texts that end an answer. Special tokens end it anyway. */
  readonly stopTexts: readonly string[];

  private constructor(library: Library, info: TemplateInfo, tokenizer: Tokenizer) {
    this.#library = library;
    this.#tokenizer = tokenizer;
    this.#wrapper = wrapperFor(library, info);
    this.thinking = thinkingMarks(library, this.#wrapper);
    this.stopTexts = this.#stopTexts();
  }

  /** Takes some 0.4 s the first time. Rejects when the template cannot be read. */
  static async read(info: TemplateInfo, tokenizer: Tokenizer): Promise<ChatTemplate> {
    return new ChatTemplate(await import('node-llama-cpp'), info, tokenizer);
  }

  /**
   * Tokens of the conversation up to where the answer begins. Only the template's own text is parsed for special
   * tokens; what a person, a file or the model wrote is plain text. `known` are the session's tokens above the base.
   */
  tokens(messages: readonly ChatMessage[], known: readonly number[]): number[] {
    return tokensOf(this.#tokenizer, this.#pieces(openHistory(messages)), known);
  }

  /** Tokens of a conversation whose last turn is over, up to where the next question begins. */
  closedTokens(messages: readonly ChatMessage[], known: readonly number[]): number[] {
    const history = openHistory([...messages, { role: 'user', content: openQuestion }]);
    return tokensOf(this.#tokenizer, upToOpenQuestion(this.#pieces(history)), known);
  }

  #stopTexts(): string[] {
    const chatHistory = openHistory([{ role: 'user', content: 'x' }]);
    const { stopGenerationTriggers } = this.#wrapper.generateContextState({ chatHistory });
    return stopGenerationTriggers.flatMap(({ values }) => {
      const [only] = values;
      const isText = values.length === 1 && typeof only === 'string' && only !== '';
      return isText && !this.#isSpecial(only) ? [only] : [];
    });
  }

  /** A special token is known by its id; its name in plain text is text. */
  #isSpecial(text: string): boolean {
    const [token, ...more] = this.#tokenizer.template(text);
    return token !== undefined && more.length === 0 && this.#tokenizer.endsText(token);
  }

  #pieces(chatHistory: readonly ChatHistoryItem[]): PromptPiece[] {
    const { contextText } = this.#wrapper.generateContextState({ chatHistory });
    return contextText.values.map((value) => {
      if (typeof value === 'string') return { kind: 'text', text: value };
      const tokens =
        value instanceof this.#library.SpecialTokensText
          ? this.#tokenizer.template(value.value)
          : this.#tokenizer.builtin(value.value);
      return { kind: 'tokens', tokens };
    });
  }
}

/** The specialised wrapper where it does what the template does, else the template itself. */
function wrapperFor(
  { resolveChatWrapper }: Library,
  { chatTemplate, metadata }: TemplateInfo,
): ChatWrapper {
  const template = chatTemplate ?? chatMl;
  // A session holds an answer as it was generated: nothing of it is taken out afterwards.
  const kept = { keepOnlyLastThought: false };
  const options = {
    type: 'auto',
    fileInfo: { metadata: { general: general(metadata), tokenizer: { chat_template: template } } },
    architecture: metadata['general.architecture'],
    customWrapperSettings: {
      jinjaTemplate: { ...kept, template, trimLeadingWhitespaceInResponses: false },
      qwen: kept,
    },
    warningLogs: false,
  };
  const wrapper = resolveChatWrapper(options as unknown as WrapperOptions);
  if (wrapper === null) throw new Error('The model has a chat template that cannot be read.');
  return wrapper;
}

function general(metadata: ModelInfo['metadata']): Record<string, string | undefined> {
  return { name: metadata['general.name'], architecture: metadata['general.architecture'] };
}

function thinkingMarks(library: Library, wrapper: ChatWrapper): ThinkingMarks | undefined {
  const { prefix, suffix } = wrapper.settings.segments?.thought ?? {};
  const open = plainText(library, prefix);
  const close = plainText(library, suffix);
  return open === '' || close === '' ? undefined : { open, close };
}

function plainText({ LlamaText }: Library, text: unknown): string {
  if (typeof text === 'string') return text.trim();
  if (!LlamaText.isLlamaText(text)) return '';
  return text.values
    .map((value) => (typeof value === 'string' ? value : value.value))
    .join('')
    .trim();
}

/** With the answer that is due. */
function openHistory(messages: readonly ChatMessage[]): ChatHistoryItem[] {
  return [...historyOf(messages), { type: 'model', response: [] }];
}

function historyOf(messages: readonly ChatMessage[]): ChatHistoryItem[] {
  const history: ChatHistoryItem[] = [{ type: 'system', text: systemMessage }];
  for (const message of messages) {
    if (message.role === 'user') history.push({ type: 'user', text: messageText(message) });
    else history.push({ type: 'model', response: [message.content] });
  }
  return history;
}

function upToOpenQuestion(pieces: readonly PromptPiece[]): PromptPiece[] {
  const isOpen = (piece: PromptPiece): boolean =>
    piece.kind === 'text' && piece.text.includes(openQuestion);
  const end = pieces.findLastIndex(isOpen);
  const last = pieces[end];
  if (last?.kind !== 'text') return [...pieces];
  const before = last.text.slice(0, last.text.indexOf(openQuestion));
  return [
    ...pieces.slice(0, end),
    ...(before === '' ? [] : [{ kind: 'text', text: before } as const]),
  ];
}
