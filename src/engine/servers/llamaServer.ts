/** llama.cpp's own server: `/infill`, which knows the model's tokens, and slots whose cells can be kept in files. */
import * as v from 'valibot';
import { writePrompt, type TemplateName } from './fimTemplates.ts';
import type { HttpClient } from './http/httpClient.ts';
import { completionRetries, noRetries } from './http/retry.ts';
import { done } from './http/sse.ts';
import { OpenAiServer, timingsSchema, usageOfTimings } from './openAi.ts';
import { ServerError } from './serverError.ts';
import type { ChatRequest, FimRequest, Piece, ServerApi, ServerFacts } from './serverKind.ts';

const eventSchema = v.object({
  content: v.fallback(v.string(), ''),
  stop: v.fallback(v.boolean(), false),
  stop_type: v.nullish(v.string()),
  timings: v.nullish(timingsSchema),
});
const tokensSchema = v.object({ tokens: v.array(v.unknown()) });
const restoredSchema = v.object({ n_restored: v.number() });
const savedSchema = v.object({ n_saved: v.number(), n_written: v.number() });

export class LlamaServer implements ServerApi {
  readonly facts: ServerFacts;
  readonly #http: HttpClient;
  /** Undefined: the server writes the prompt. */
  readonly #template: TemplateName | undefined;
  readonly #chat: OpenAiServer;
  #canInfill = true;

  constructor(http: HttpClient, facts: ServerFacts, template: TemplateName | undefined) {
    this.#http = http;
    this.facts = facts;
    this.#template = template;
    this.#chat = new OpenAiServer(http, facts, 'auto');
  }

  /** Sessions of one layout are of no use to another. */
  get layout(): string {
    return this.#template ?? 'infill';
  }

  async *complete(request: FimRequest): AsyncGenerator<Piece> {
    const { text, signal } = request;
    const template = this.#template ?? (this.#canInfill ? undefined : 'none');
    if (template !== undefined) {
      yield* this.#written(template, request);
      return;
    }
    const body = {
      input_extra: [...text.project, ...text.context].map(({ path, text: content }) => ({
        filename: path,
        text: content,
      })),
      ...{ input_prefix: text.prefix, input_suffix: text.suffix, prompt: text.middle },
      ...generation(request),
    };
    try {
      const ask = { path: '/infill', body, signal, retry: completionRetries };
      yield* pieces(this.#http.events(ask), this.#http.host);
    } catch (error) {
      // The model has no tokens for it: from now on the text before the cursor simply goes on.
      if (!(error instanceof ServerError) || error.status !== 501) throw error;
      this.#canInfill = false;
      yield* this.complete(request);
    }
  }

  chat(request: ChatRequest): AsyncGenerator<Piece> {
    return this.#chat.chat(request);
  }

  async countTokens(content: string, signal: AbortSignal): Promise<number | undefined> {
    const answer = await this.#http.json({ path: '/tokenize', body: { content }, signal });
    const parsed = v.safeParse(tokensSchema, answer);
    return parsed.success ? parsed.output.tokens.length : undefined;
  }

  /** Tokens that a slot has from now on; undefined: there is no such file. Throws 501 where slots are not saved. */
  async restoreSlot(slot: number, name: string, signal: AbortSignal): Promise<number | undefined> {
    try {
      const answer = await this.#slot(slot, 'restore', name, signal);
      return v.parse(restoredSchema, answer).n_restored;
    } catch (error) {
      if (error instanceof ServerError && error.fault === 'request' && error.status !== 501)
        return undefined;
      throw error;
    }
  }

  async saveSlot(slot: number, name: string, signal: AbortSignal): Promise<SavedSlot> {
    const answer = v.parse(savedSchema, await this.#slot(slot, 'save', name, signal));
    return { tokens: answer.n_saved, bytes: answer.n_written };
  }

  #slot(slot: number, action: string, filename: string, signal: AbortSignal): Promise<unknown> {
    const path = `/slots/${slot}?action=${action}`;
    return this.#http.json({ path, body: { filename }, signal, retry: noRetries });
  }

  #written(template: TemplateName, request: FimRequest): AsyncGenerator<Piece> {
    const body = { prompt: writePrompt(template, request.text), ...generation(request) };
    const ask = { path: '/completion', body, signal: request.signal, retry: completionRetries };
    return pieces(this.#http.events(ask), this.#http.host);
  }
}

export interface SavedSlot {
  readonly tokens: number;
  readonly bytes: number;
}

function generation({ maxTokens, singleLine, sampling, slot }: FimRequest): object {
  return {
    n_predict: maxTokens,
    cache_prompt: true,
    stream: true,
    timings_per_token: true, // who has enough hangs up before the end
    ...(slot !== undefined && { id_slot: slot }),
    ...(singleLine && { stop: ['\n'] }),
    ...(sampling === undefined
      ? { temperature: 0, samplers: ['top_k'], top_k: 1 }
      : {
          temperature: sampling.temperature,
          top_k: sampling.topK ?? 40,
          top_p: sampling.topP ?? 0.95,
          seed: sampling.seed ?? 0,
        }),
  };
}

async function* pieces(events: AsyncGenerator, host: string): AsyncGenerator<Piece> {
  let isOver = false;
  for await (const event of events) {
    if (event === done) continue;
    const parsed = v.safeParse(eventSchema, event);
    if (!parsed.success)
      throw new ServerError('broken', `${host} sent an answer that is not understood.`);
    const { content, stop, stop_type: why, timings } = parsed.output;
    if (content !== '') yield { kind: 'text', text: content };
    if (timings) yield { kind: 'usage', usage: usageOfTimings(timings) };
    if (!stop) continue;
    isOver = true;
    yield { kind: 'end', stop: why === 'limit' ? 'length' : 'stop' };
  }
  if (!isOver) throw new ServerError('cut', `${host} ended within its answer.`);
}
