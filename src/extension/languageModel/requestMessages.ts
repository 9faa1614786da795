import * as vscode from 'vscode';
import type { ChatMessage } from '../../protocol/chat.ts';
import { toolCallText, toolResultText, toolsText, type ToolDescription } from './toolFormat.ts';

/** What VS Code sends, as the engine takes it: turns of one role after the other are one message. */
export function requestMessages(
  messages: readonly vscode.LanguageModelChatRequestMessage[],
  tools: readonly ToolDescription[],
): ChatMessage[] {
  const all: ChatMessage[] = [];
  for (const { role, content } of messages) {
    const text = content
      .map(partText)
      .filter((one) => one !== '')
      .join('\n');
    if (text === '') continue;
    const isAnswer = role === vscode.LanguageModelChatMessageRole.Assistant;
    add(all, { role: isAnswer ? 'assistant' : 'user', content: text });
  }
  return tools.length === 0 ? all : withTools(all, toolsText(tools));
}

function add(all: ChatMessage[], message: ChatMessage): void {
  const last = all.at(-1);
  if (last?.role !== message.role) all.push(message);
  else all.splice(-1, 1, { ...last, content: `${last.content}\n\n${message.content}` });
}

function withTools([first, ...rest]: readonly ChatMessage[], tools: string): ChatMessage[] {
  if (first?.role !== 'user')
    return [{ role: 'user', content: tools }, ...(first ? [first] : []), ...rest];
  return [{ ...first, content: `${tools}\n\n${first.content}` }, ...rest];
}

/** Parts of kinds that a text model cannot read are left out. */
function partText(part: unknown): string {
  if (part instanceof vscode.LanguageModelTextPart) return part.value;
  if (part instanceof vscode.LanguageModelToolCallPart)
    return toolCallText({ name: part.name, input: part.input as Record<string, unknown> });
  if (part instanceof vscode.LanguageModelToolResultPart)
    return toolResultText(part.content.map(partText).join('\n'));
  return '';
}

export function textOf(message: string | vscode.LanguageModelChatRequestMessage): string {
  return typeof message === 'string' ? message : message.content.map(partText).join('\n');
}
