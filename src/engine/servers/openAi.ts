/** OpenAI-compatible servers: vLLM, SGLang, LM Studio, Ollama and others. */
import * as v from 'valibot';
import type { SamplingParams } from '../../protocol/requests.ts';
import type { FimStyle } from '../../protocol/servers.ts';
import { projectHead, templateFor, writePrompt } from './fimTemplates.ts';
import type { FimText } from './fimText.ts';
import type { HttpClient } from './http/httpClient.ts';
import { chatRetries, completionRetries } from './http/retry.ts';
import { done } from './http/sse.ts';
import { ServerError } from './serverError.ts';
import type { ChatRequest, FimRequest, Piece, ServerApi, ServerFacts } from './serverKind.ts';

const optionalText = v.nullish(v.string());
const usageSchema = v.object({
  prompt_tokens: v.fallback(v.number(), 0),
  completion_tokens: v.fallback(v.number(), 0),
  prompt_tokens_details: v.nullish(v.object({ cached_tokens: v.nullish(v.number()) })),
});
const timingsSchema = v.object({
  prompt_n: v.number(),
  cache_n: v.fallback(v.number(), 0),
  predicted_n: v.number(),
});
const chunkSchema = v.object({
  choices: v.fallback(
    v.array(
      v.object({
        text: optionalText,
        delta: v.nullish(
          v.object({
            content: optionalText,
            reasoning_content: optionalText,
            reasoning: optionalText,
          }),
        ),
        finish_reason: optionalText,
      }),
    ),
    [],
  ),
  usage: v.nullish(usageSchema),
  /** Of llama-server only. */
  timings: v.nullish(timingsSchema),
});
type Chunk = v.InferOutput<typeof chunkSchema>;

/** Ends of text that some servers pass on. */
const stopWords = ['<|endoftext|>', '<|file_sep|>', '<|fim_pad|>', '<file_sep>', '<EOT>'];

export class OpenAiServer implements ServerApi {
  readonly facts: ServerFacts;
  readonly #http: HttpClient;
  readonly #fim: FimStyle;

  constructor(http: HttpClient, facts: ServerFacts, fim: FimStyle) {
    this.#http = http;
    this.facts = facts;
    this.#fim = fim;
  }

  complete({ text, maxTokens, singleLine, sampling, signal }: FimRequest): AsyncGenerator<Piece> {
    const stop = [...(singleLine ? ['\n'] : []), ...stopWords].slice(0, 4);
    const body = {
      model: this.facts.model,
      ...promptOf(text, this.#fim, this.facts.model),
      max_tokens: maxTokens,
      ...samplingOf(sampling),
      ...{ stop, stream: true, stream_options: { include_usage: true } },
    };
    const ask = { path: '/v1/completions', body, signal, retry: completionRetries };
    return pieces(this.#http.events(ask), this.#http.host);
  }

  chat({ messages, maxTokens, sampling, signal }: ChatRequest): AsyncGenerator<Piece> {
    const body = {
      model: this.facts.model,
      messages,
      max_tokens: maxTokens,
      ...(sampling && samplingOf(sampling)),
      ...{ stream: true, stream_options: { include_usage: true } },
    };
    const ask = { path: '/v1/chat/completions', body, signal, retry: chatRetries };
    return pieces(this.#http.events(ask), this.#http.host);
  }

  async countTokens(): Promise<undefined> {
    return undefined;
  }
}

function promptOf(text: FimText, style: FimStyle, model: string): Record<string, string> {
  const known = style === 'auto' || style === 'infill' ? templateFor(model) : style;
  if (known !== undefined && known !== 'suffix') return { prompt: writePrompt(known, text) };
  const { path, prefix, middle, suffix } = text;
  return { prompt: `${projectHead('none', text)}\n// ${path}\n${prefix}${middle}`, suffix };
}

export function samplingOf(sampling: SamplingParams | undefined): Record<string, number> {
  if (sampling === undefined) return { temperature: 0 };
  const { temperature, topP, seed } = sampling;
  return {
    temperature,
    ...(topP !== undefined && { top_p: topP }),
    ...(seed !== undefined && { seed }),
  };
}

/** Throws `cut` when the answer ends without saying so. */
export async function* pieces(events: AsyncGenerator, host: string): AsyncGenerator<Piece> {
  let isOver = false;
  for await (const event of events) {
    if (event === done) isOver = true;
    else {
      const parsed = v.safeParse(chunkSchema, event);
      if (!parsed.success)
        throw new ServerError('broken', `${host} sent an answer that is not understood.`);
      for (const piece of piecesOf(parsed.output)) {
        isOver ||= piece.kind === 'end';
        yield piece;
      }
    }
  }
  if (!isOver) throw new ServerError('cut', `${host} ended within its answer.`);
}

function* piecesOf({ choices, usage, timings }: Chunk): Generator<Piece> {
  const [choice] = choices;
  const thinking = choice?.delta?.reasoning_content ?? choice?.delta?.reasoning;
  if (thinking) yield { kind: 'thinking', text: thinking };
  const text = choice?.text ?? choice?.delta?.content;
  if (text) yield { kind: 'text', text };
  const finish = choice?.finish_reason;
  if (finish) yield { kind: 'end', stop: finish === 'length' ? 'length' : 'stop' };
  if (timings) yield { kind: 'usage', usage: usageOfTimings(timings) };
  else if (usage)
    yield {
      kind: 'usage',
      usage: {
        promptTokens: usage.prompt_tokens,
        generated: usage.completion_tokens,
        cachedTokens: usage.prompt_tokens_details?.cached_tokens ?? undefined,
      },
    };
}

export { timingsSchema };

/** `prompt_n` counts what was evaluated, `cache_n` what was there. */
export function usageOfTimings({
  prompt_n: evaluated,
  cache_n: cachedTokens,
  predicted_n: generated,
}: v.InferOutput<typeof timingsSchema>) {
  return { promptTokens: evaluated + cachedTokens, cachedTokens, generated };
}
