import * as v from 'valibot';
import type { Conversation, FromWebview } from './chatProtocol.ts';

const fromWebview = v.variant('kind', [
  v.object({ kind: v.literal('ready') }),
  v.object({ kind: v.literal('send'), text: v.string() }),
  v.object({ kind: v.literal('stop') }),
  v.object({ kind: v.literal('retry') }),
  v.object({ kind: v.literal('newChat') }),
  v.object({ kind: v.literal('copy'), text: v.string() }),
  v.object({ kind: v.literal('selectModel') }),
]);

const stats = v.object({
  evaluated: v.number(),
  reused: v.number(),
  firstTokenMs: v.number(),
  tokensPerSecond: v.number(),
});

const conversation = v.object({
  id: v.string(),
  entries: v.array(
    v.variant('kind', [
      v.object({ kind: v.literal('question'), id: v.number(), text: v.string() }),
      v.object({
        kind: v.literal('answer'),
        id: v.number(),
        text: v.string(),
        state: v.picklist(['streaming', 'done', 'stopped', 'failed']),
        note: v.optional(v.string()),
        stats: v.optional(stats),
      }),
    ]),
  ),
});

/** Undefined: not a message of ours. */
export function parseFromWebview(value: unknown): FromWebview | undefined {
  const result = v.safeParse(fromWebview, value);
  return result.success ? result.output : undefined;
}

/** Undefined: nothing was kept, or by another version. */
export function parseConversation(value: unknown): Conversation | undefined {
  const result = v.safeParse(conversation, value);
  return result.success ? result.output : undefined;
}
