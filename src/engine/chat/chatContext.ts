/** What the tokens of the context are spent on, for the meter of a chat. */
import type { ChatContext, ChatMessage } from '../../protocol/chat.ts';
import type { Base } from '../base/base.ts';
import { attachmentsText } from '../prompt/chatMessage.ts';
import type { Runtime } from '../runtime.ts';

/** Cells that stay free: for forks of others and for llama.cpp's padding. */
const reservedCells = 64;

/** Tokens that a conversation may have above the base, its answer included. */
export function chatRoom(runtime: Runtime, base: Base): number {
  return runtime.context.nCtx - base.sequence.tokens.length - reservedCells;
}

/** @param used tokens of the conversation above the base. */
export function chatContext(
  runtime: Runtime,
  base: Base,
  messages: readonly ChatMessage[],
  used: number,
): ChatContext {
  const attachments = messages
    .filter((message) => (message.attachments?.length ?? 0) > 0)
    .reduce((sum, message) => sum + runtime.tokenizer.text(attachmentsText(message)).length, 0);
  return {
    window: runtime.context.nCtx,
    base: base.sequence.tokens.length,
    history: Math.max(0, used - attachments),
    attachments,
    room: Math.max(0, chatRoom(runtime, base) - used),
  };
}
