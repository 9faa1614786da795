import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable.ts';
import type { EngineClient } from '../../client/engineClient.ts';
import type { ChatMessage } from '../../protocol/chat.ts';
import { attachmentsFor } from '../chat/attachments.ts';
import { failureWords } from '../chat/failureWords.ts';
import { parseQuestion } from '../chat/shared/slashCommands.ts';
import { readSettings } from '../configuration.ts';
import { withTokenSignal } from '../tokenSignal.ts';
import { RequestSessions } from './requestSessions.ts';

export const participantId = 'warmfork.participant';

/** `@warmfork` in VS Code's chat: the local model with the project in its memory, whatever model the chat has chosen. */
export class Participant implements Disposable {
  readonly #participant: vscode.ChatParticipant;
  readonly #engine: EngineClient;
  readonly #sessions: RequestSessions;

  constructor(engine: EngineClient, extensionUri: vscode.Uri) {
    this.#engine = engine;
    this.#sessions = new RequestSessions({
      capacity: 4,
      newId: () => `participant-${randomUUID()}`,
      forget: (chatId) => void engine.discardChat(chatId).catch(() => undefined),
    });
    this.#participant = vscode.chat.createChatParticipant(participantId, this.answer);
    this.#participant.iconPath = vscode.Uri.joinPath(extensionUri, 'media', 'warmfork.svg');
  }

  readonly answer = async (
    request: Pick<vscode.ChatRequest, 'prompt' | 'command'>,
    { history }: Pick<vscode.ChatContext, 'history'>,
    stream: Pick<vscode.ChatResponseStream, 'markdown'>,
    token: vscode.CancellationToken,
  ): Promise<vscode.ChatResult> => {
    const messages = [...historyMessages(history), await questionMessage(request)];
    const chatId = this.#sessions.take(messages);
    let told: readonly ChatMessage[] = messages;
    try {
      const { text } = await withTokenSignal(token, (signal) =>
        this.#engine.chat(
          { chatId, messages, isPrivate: true, maxTokens: readSettings().chat.maxAnswerTokens },
          (delta) => stream.markdown(delta.text),
          signal,
        ),
      );
      told = [...messages, { role: 'assistant', content: text }];
      return {};
    } catch (error) {
      return token.isCancellationRequested
        ? {}
        : { errorDetails: { message: failureWords(error) } };
    } finally {
      this.#sessions.done(chatId, told);
    }
  };

  dispose(): void {
    this.#participant.dispose();
  }
}

async function questionMessage({
  prompt,
  command,
}: Pick<vscode.ChatRequest, 'prompt' | 'command'>): Promise<ChatMessage> {
  const question = parseQuestion(command === undefined ? prompt : `/${command} ${prompt}`);
  const attachments = question.slash === undefined ? [] : await attachmentsFor(question.slash);
  return {
    role: 'user',
    content: question.prompt ?? question.text,
    attachments: attachments.map(({ name, path = '', languageId = '', text }) => ({
      ...{ name, path, languageId, text },
    })),
  };
}

function historyMessages(history: vscode.ChatContext['history']): ChatMessage[] {
  return history.map((turn): ChatMessage => {
    if (turn instanceof vscode.ChatRequestTurn) {
      const typed = turn.command === undefined ? turn.prompt : `/${turn.command} ${turn.prompt}`;
      const { prompt, text } = parseQuestion(typed);
      return { role: 'user', content: prompt ?? text };
    }
    const content = turn.response
      .map((part) => (part instanceof vscode.ChatResponseMarkdownPart ? part.value.value : ''))
      .join('');
    return { role: 'assistant', content };
  });
}
