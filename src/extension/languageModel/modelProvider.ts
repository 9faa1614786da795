import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../../base/disposable.ts';
import type { EngineClient } from '../../client/engineClient.ts';
import type { ChatMessage } from '../../protocol/chat.ts';
import type { EngineStatus } from '../../protocol/status.ts';
import { failureWords } from '../chat/failureWords.ts';
import { readSettings } from '../configuration.ts';
import { withTokenSignal } from '../tokenSignal.ts';
import { requestMessages, textOf } from './requestMessages.ts';
import { RequestSessions } from './requestSessions.ts';
import { ToolCallReader } from './toolFormat.ts';

export const modelVendor = 'warmfork';
/**
 * The local model for VS Code's own chat and for other extensions. Their conversations stay in memory: what others ask is
 * not ours to keep.
 */
export class ModelProvider implements Disposable, vscode.LanguageModelChatProvider {
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new vscode.EventEmitter<void>());
  readonly onDidChangeLanguageModelChatInformation = this.#changed.event;
  readonly #engine: EngineClient;
  readonly #sessions: RequestSessions;
  #status: EngineStatus | undefined;

  constructor(engine: EngineClient) {
    this.#engine = engine;
    this.#sessions = new RequestSessions({
      capacity: 4,
      newId: () => `model-${randomUUID()}`,
      forget: (chatId) => void engine.discardChat(chatId).catch(() => undefined),
    });
    this.#store.add(vscode.lm.registerLanguageModelChatProvider(modelVendor, this));
  }

  setStatus(status: EngineStatus): void {
    const before = this.#status;
    this.#status = status;
    if (before?.model?.path !== status.model?.path || before?.base?.tokens !== status.base?.tokens)
      this.#changed.fire();
  }

  provideLanguageModelChatInformation(): vscode.LanguageModelChatInformation[] {
    const { model, base } = this.#status ?? {};
    if (model === undefined) return [];
    const maxOutputTokens = readSettings().chat.maxAnswerTokens;
    const room = Math.max(0, model.contextTokens - (base?.tokens ?? 0));
    return [
      {
        id: 'local',
        name: model.name,
        family: 'warmfork',
        version: '1',
        detail: 'Warmfork',
        tooltip: vscode.l10n.t('Runs on this machine, with the project already in its memory.'),
        maxInputTokens: Math.max(1, room - maxOutputTokens),
        maxOutputTokens,
        capabilities: { toolCalling: true, imageInput: false },
      },
    ];
  }

  async provideLanguageModelChatResponse(
    _model: vscode.LanguageModelChatInformation,
    requested: readonly vscode.LanguageModelChatRequestMessage[],
    options: vscode.ProvideLanguageModelChatResponseOptions,
    progress: vscode.Progress<vscode.LanguageModelResponsePart>,
    token: vscode.CancellationToken,
  ): Promise<void> {
    const tools = options.tools ?? [];
    const messages = requestMessages(requested, tools);
    const reader = new ToolCallReader(
      (text) => progress.report(new vscode.LanguageModelTextPart(text)),
      ({ name, input }) =>
        progress.report(new vscode.LanguageModelToolCallPart(randomUUID(), name, input)),
    );
    const onText =
      tools.length > 0
        ? (text: string) => reader.add(text)
        : (text: string) => progress.report(new vscode.LanguageModelTextPart(text));
    await withTokenSignal(token, (signal) => this.#answer(messages, onText, signal));
    reader.finish();
  }

  async provideTokenCount(
    _model: vscode.LanguageModelChatInformation,
    text: string | vscode.LanguageModelChatRequestMessage,
    token: vscode.CancellationToken,
  ): Promise<number> {
    return withTokenSignal(token, (signal) => this.#engine.countTokens(textOf(text), signal));
  }

  dispose(): void {
    this.#store.dispose();
  }

  async #answer(
    messages: readonly ChatMessage[],
    onText: (text: string) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const chatId = this.#sessions.take(messages);
    let asked: readonly ChatMessage[] = messages;
    try {
      const params = {
        chatId,
        messages,
        isPrivate: true,
        maxTokens: readSettings().chat.maxAnswerTokens,
      };
      const { text } = await this.#engine.chat(params, (delta) => onText(delta.text), signal);
      asked = [...messages, { role: 'assistant', content: text }];
    } catch (error) {
      if (signal.aborted) return;
      throw new Error(failureWords(error), { cause: error });
    } finally {
      this.#sessions.done(chatId, asked);
    }
  }
}
