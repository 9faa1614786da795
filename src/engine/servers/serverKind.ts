/** What every kind of server can be asked for, and what comes back. */
import type { SamplingParams } from '../../protocol/requests.ts';
import type { FimText } from './fimText.ts';

/** What a server says about itself. */
export interface ServerFacts {
  readonly kind: 'llama-server' | 'openai';
  /** As it is to be named in requests; may be empty. */
  readonly model: string;
  /** Tokens for one request, if it says so. */
  readonly contextTokens?: number | undefined;
  /** It writes the prompt itself, and cuts what it finds too long. */
  readonly infills?: boolean | undefined;
  /** Of a llama-server: how many requests it serves at a time. */
  readonly slots?: number | undefined;
}

export interface FimRequest {
  readonly text: FimText;
  readonly maxTokens: number;
  readonly singleLine: boolean;
  readonly sampling?: SamplingParams | undefined;
  /** The slot that sessions are kept in; absent: the server chooses. */
  readonly slot?: number | undefined;
  readonly signal: AbortSignal;
}

export interface ServerMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

export interface ChatRequest {
  readonly messages: readonly ServerMessage[];
  readonly maxTokens: number;
  readonly sampling?: SamplingParams | undefined;
  readonly signal: AbortSignal;
}

export interface Usage {
  readonly promptTokens: number;
  /** Of those, the ones the server had in its cache; absent: it does not say. */
  readonly cachedTokens?: number | undefined;
  readonly generated: number;
}

/** A part of an answer. Without an `end` the answer is cut. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'thinking'; readonly text: string }
  | { readonly kind: 'end'; readonly stop: 'stop' | 'length' }
  | { readonly kind: 'usage'; readonly usage: Usage };

/** Throw a {@link ServerError}, or the signal's reason. */
export interface ServerApi {
  readonly facts: ServerFacts;
  complete(request: FimRequest): AsyncGenerator<Piece>;
  chat(request: ChatRequest): AsyncGenerator<Piece>;
  /** Tokens of a text; undefined where it does not say. */
  countTokens(text: string, signal: AbortSignal): Promise<number | undefined>;
}
