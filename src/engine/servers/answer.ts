/** One streamed answer of a server, as far as it is wanted. */
import type { StopReason } from '../../protocol/requests.ts';
import { ServerError } from './serverError.ts';
import type { Piece, Usage } from './serverKind.ts';

export interface Answer {
  readonly text: string;
  readonly stopReason: StopReason;
  readonly usage: Usage | undefined;
  /** From `startedMs`; absent when no text came. */
  readonly firstTextMs: number | undefined;
}

export interface ReadOptions {
  readonly startedMs: number;
  /** Called with the whole text after each piece; true: no more is wanted, and the request is closed. */
  readonly stop: (text: string) => boolean;
  readonly onText: (added: string) => void;
  readonly onThinking?: (added: string) => void;
  /** Whether text that came before the server hung up is an answer. */
  readonly takesCut: boolean;
}

export async function readAnswer(
  pieces: AsyncGenerator<Piece>,
  { startedMs, stop, onText, onThinking, takesCut }: ReadOptions,
): Promise<Answer> {
  let text = '';
  let stopReason: StopReason = 'length';
  let usage: Usage | undefined;
  let firstTextMs: number | undefined;
  try {
    for await (const piece of pieces) {
      if (piece.kind === 'usage') usage = piece.usage;
      else if (piece.kind === 'end') stopReason = piece.stop === 'length' ? 'length' : 'endOfText';
      else if (piece.kind === 'thinking') onThinking?.(piece.text);
      else {
        text += piece.text;
        firstTextMs ??= performance.now() - startedMs;
        onText(piece.text);
        if (!stop(text)) continue;
        stopReason = 'stop';
        break;
      }
    }
  } catch (error) {
    const isCut = error instanceof ServerError && error.fault === 'cut';
    if (!isCut || !takesCut || text === '') throw error;
  }
  return { text, stopReason, usage, firstTextMs };
}
