import * as v from 'valibot';
import { attachmentKinds } from './shared/attachmentKind.ts';
import type { FromWebview } from './shared/chatProtocol.ts';
import type { Conversation } from './conversation.ts';

const id = v.number();
const text = v.string();

const fromWebview = v.variant('kind', [
  v.object({ kind: v.literal('ready') }),
  v.object({ kind: v.literal('send'), text }),
  v.object({ kind: v.literal('stop') }),
  v.object({ kind: v.literal('retry'), id }),
  v.object({ kind: v.literal('edit'), id, text }),
  v.object({ kind: v.literal('branch'), id }),
  v.object({ kind: v.literal('switchVersion'), id, step: v.number() }),
  v.object({ kind: v.literal('newChat'), isPrivate: v.boolean() }),
  v.object({ kind: v.literal('copy'), text }),
  v.object({ kind: v.literal('insert'), text }),
  v.object({ kind: v.literal('apply'), text }),
  v.object({ kind: v.literal('newFile'), text, language: v.string() }),
  v.object({ kind: v.literal('selectModel') }),
  v.object({ kind: v.literal('history') }),
  v.object({ kind: v.literal('open'), id: v.string() }),
  v.object({ kind: v.literal('delete'), id: v.string() }),
  v.object({ kind: v.literal('export'), id: v.string() }),
  v.object({ kind: v.literal('rename'), id: v.string(), title: v.string() }),
  v.object({ kind: v.literal('attach'), what: v.picklist(attachmentKinds) }),
  v.object({ kind: v.literal('drop'), uris: v.array(v.string()) }),
  v.object({ kind: v.literal('detach'), id }),
]);

const stats = v.object({
  evaluated: v.number(),
  reused: v.number(),
  generated: v.number(),
  firstTokenMs: v.number(),
  tokensPerSecond: v.number(),
});

const attachment = v.object({
  name: v.string(),
  path: v.optional(v.string()),
  languageId: v.optional(v.string()),
  text,
});

const entry = v.variant('kind', [
  v.object({
    kind: v.literal('question'),
    id,
    text,
    prompt: v.optional(v.string()),
    attachments: v.optional(v.array(attachment)),
  }),
  v.object({
    kind: v.literal('answer'),
    id,
    text,
    state: v.picklist(['streaming', 'done', 'stopped', 'failed']),
    note: v.optional(v.string()),
    stats: v.optional(stats),
    thinking: v.optional(v.object({ open: v.string(), close: v.string() })),
  }),
]);

const conversation = v.object({
  id: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,64}$/)),
  title: v.string(),
  isPrivate: v.literal(false),
  updatedAt: v.number(),
  current: v.string(),
  branches: v.pipe(
    v.array(
      v.object({
        chatId: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,64}$/)),
        branchOf: v.optional(v.string()),
        entries: v.array(entry),
        dropped: v.pipe(v.number(), v.integer(), v.minValue(0)),
      }),
    ),
    v.minLength(1),
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
