/** Which messages of a conversation that has outgrown the context are left out: the oldest turns, as few as need be. */
import type { ChatMessage } from '../../protocol/chat.ts';

/** After turns were left out the conversation takes this share of the room, so that it does not happen at every turn. */
const sharedLeft = 0.6;

/** `T` is what is counted: tokens, or a guess of how many they are. */
export interface Fitted<T = readonly number[]> {
  readonly tokens: T;
  /** Messages left out at the beginning. */
  readonly dropped: number;
}

/** Undefined when not even the last question fits alone. */
export function fitMessages<T extends { readonly length: number }>(
  messages: readonly ChatMessage[],
  room: number,
  tokensOf: (messages: readonly ChatMessage[]) => T,
): Fitted<T> | undefined {
  let tokens = tokensOf(messages);
  if (tokens.length <= room) return { tokens, dropped: 0 };
  let dropped = 0;
  for (;;) {
    const next = nextTurn(messages, dropped);
    if (next === undefined) break;
    dropped = next;
    tokens = tokensOf(messages.slice(dropped));
    if (tokens.length <= room * sharedLeft) break;
  }
  return tokens.length <= room ? { tokens, dropped } : undefined;
}

/** Where the turn after the one at `index` begins. */
function nextTurn(messages: readonly ChatMessage[], index: number): number | undefined {
  const next = messages.findIndex(({ role }, at) => at > index && role === 'user');
  return next < 0 ? undefined : next;
}
