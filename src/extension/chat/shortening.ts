/**
 * A conversation that fills the context goes on in a new session without its oldest turns. That session is evaluated in
 * the background, beside the old one, which serves until then.
 */
import type { EngineClient } from '../../client/engineClient.ts';
import type { ChatContext } from '../../protocol/chat.ts';
import type { Branch } from './conversation.ts';
import { messagesOf, turnAtShare } from './messages.ts';

/** Less room than this share is the time to shorten, down to the other. */
const tightShare = 0.15;
const shortShare = 0.5;

export interface Shortened {
  readonly chatId: string;
  /** Entries that were dropped. */
  readonly dropped: number;
}

export function isTight({ window, base, room }: ChatContext): boolean {
  return room < (window - base) * tightShare;
}

/** Undefined: there is nothing to drop, or somebody asked meanwhile. */
export async function shorten(
  engine: Pick<EngineClient, 'openChat' | 'discardChat'>,
  branch: Branch,
  options: { readonly chatId: string; readonly isPrivate: boolean; readonly signal: AbortSignal },
): Promise<Shortened | undefined> {
  const { chatId, isPrivate, signal } = options;
  const dropped = turnAtShare(branch, shortShare);
  if (dropped === undefined) return undefined;
  const messages = messagesOf({ ...branch, dropped });
  try {
    await engine.openChat({ chatId, messages, isPrivate, evaluate: true }, signal);
    return { chatId, dropped };
  } catch {
    await engine.discardChat(chatId).catch(() => undefined); // it was never of use
    return undefined;
  }
}
