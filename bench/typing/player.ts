/** Who answers at each key: Warmfork's provider and engine, or a peer. */
import type { TextPosition } from '../../src/extension/inline/textWindow.ts';
import type { ReplayDocument } from './document.ts';

/** The document at a key. A player must read what it needs before its first `await`. */
export interface Moment {
  readonly uri: string;
  readonly path: string;
  readonly languageId: string;
  readonly document: ReplayDocument;
  readonly position: TextPosition;
}

export interface Answer {
  /** `cancelled`: the next key came first. */
  readonly outcome: 'offered' | 'empty' | 'cancelled' | 'failed';
  /** Text offered at the cursor. */
  readonly text: string;
  /** Requests that went to the engine for this key. */
  readonly engineCalls: number;
  /** Requests for what may follow, which nobody waits for. */
  readonly prefetches: number;
  /** Prompt tokens that went through `llama_decode` for this key. */
  readonly evaluated: number;
  readonly generated: number;
  /** From the key to the first character of generated text, in ms; absent if there was none. */
  readonly firstTextMs?: number;
  /** From the key to the whole answer, in ms. */
  readonly wholeMs: number;
  /** From the key to the request, in ms: what of the above the provider waited by itself. */
  readonly debounceMs: number;
  readonly error?: string;
}

export interface Player {
  readonly name: string;
  /** Called before the first key of a segment. */
  open(uri: string): Promise<void>;
  /** `pauseMs` has gone by since the key before. Never rejects. */
  ask(moment: Moment, pauseMs: number, signal: AbortSignal): Promise<Answer>;
  /** Tokens that went through `llama_decode` since the start: prompts, generated text and work in the background. */
  tokensDecoded(): Promise<number>;
  close(): Promise<void>;
}
