/** One turn of a chat, on a fork of its own session or of the base. */
import type { ChatParams, ChatResult } from '../protocol/requests.ts';
import type { Base } from './base.ts';
import { contextFull } from './decoder.ts';
import { generate, type Generated } from './generate.ts';
import type { Overlays } from './overlays.ts';
import type { ChatTemplate } from './prompt/chatPrompt.ts';
import type { Runtime } from './runtime.ts';
import { trace } from './trace.ts';

const defaultMaxTokens = 512;

/** Answers one chat request, giving `onText` what is generated as it comes. Must run inside the gate. */
export async function chat(
  runtime: Runtime,
  base: Base,
  overlays: Overlays,
  template: ChatTemplate,
  params: ChatParams,
  options: { readonly signal: AbortSignal; readonly onText: (text: string) => void },
): Promise<ChatResult> {
  return overlays.use({ kind: 'chat', chatId: params.chatId }, async (overlay) => {
    const prompt = template.tokens(runtime.tokenizer, params.messages, overlay.answers);
    const maxTokens = roomFor(runtime, base, prompt.length, params.maxTokens ?? defaultMaxTokens);
    const restored = await overlays.attach(overlay, { priority: 'chat', signal: options.signal });
    runtime.counters.chats++;
    const generated = await generate(runtime, base, overlays, {
      overlay,
      restored,
      prompt,
      priority: 'chat',
      signal: options.signal,
      maxTokens,
      sampling: params.sampling,
      keepGenerated: true,
      onText: options.onText,
    });
    if (generated.text !== '') overlay.answers.set(generated.text, generated.tokens);
    traceChat(params.chatId, generated);
    return { text: generated.text, stopReason: generated.stopReason, stats: generated.stats };
  });
}

/** How long the answer may be; an error in words when the conversation has filled the context. */
function roomFor(runtime: Runtime, base: Base, nPrompt: number, wanted: number): number {
  const { nCtx } = runtime.context;
  const room = nCtx - base.sequence.tokens.length - nPrompt - minimumAnswer;
  if (room <= 0) throw contextFull(nCtx);
  return Math.min(wanted, room);
}

/** Cells that must be left for an answer to begin at all. */
const minimumAnswer = 16;

function traceChat(chatId: string, { stats, stopReason }: Generated): void {
  const { promptTokens, evaluated, reused, generated } = stats;
  trace({ event: 'chat', chatId, promptTokens, evaluated, reused, generated, stopReason });
}
