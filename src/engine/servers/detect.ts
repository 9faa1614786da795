/** Which kind of server answers at an address, found out by asking. */
import * as v from 'valibot';
import type { ServerEndpoint } from '../../protocol/servers.ts';
import { marksOf, templatesToTry, type TemplateName } from './fimTemplates.ts';
import type { HttpClient } from './http/httpClient.ts';
import { completionRetries } from './http/retry.ts';
import { LlamaServer } from './llamaServer.ts';
import { OpenAiServer } from './openAi.ts';
import { ServerError } from './serverError.ts';
import type { ServerApi } from './serverKind.ts';

const propsSchema = v.object({
  default_generation_settings: v.object({ n_ctx: v.nullish(v.number()) }),
  model_path: v.fallback(v.string(), ''),
  model_alias: v.fallback(v.string(), ''),
  total_slots: v.fallback(v.number(), 1),
});
const tokensSchema = v.object({ tokens: v.array(v.unknown()) });
const modelsSchema = v.object({
  data: v.array(v.object({ id: v.string(), max_model_len: v.nullish(v.number()) })),
});

type Wanted = Pick<ServerEndpoint, 'kind' | 'model' | 'fim'>;

/** Asks again whenever a server was away: it may be another one. Throws a {@link ServerError}. */
export async function detectServer(
  http: HttpClient,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<ServerApi> {
  const llama =
    wanted.kind === 'openai'
      ? undefined
      : await askLlamaServer(http, wanted, signal).catch((error: unknown) => {
          // Some gateways refuse what they do not know; whether the key is good the next question tells.
          const isRefused = error instanceof ServerError && error.status !== undefined;
          if (wanted.kind === 'auto' && isRefused && error.fault === 'refused') return undefined;
          throw error;
        });
  if (llama !== undefined) return llama;
  if (wanted.kind === 'llama-server')
    throw new ServerError('broken', `${http.host} is no llama-server: it does not know /props.`);
  return askOpenAi(http, wanted, signal);
}

async function askLlamaServer(
  http: HttpClient,
  { model, fim }: Wanted,
  signal: AbortSignal,
): Promise<ServerApi | undefined> {
  const answer = await optional(http, '/props', signal);
  const props = v.safeParse(propsSchema, answer);
  if (!props.success) return undefined;
  const { model_path: path, model_alias: alias } = props.output;
  const contextTokens = props.output.default_generation_settings.n_ctx ?? undefined;
  const name = model || alias || path;
  const { total_slots: slots } = props.output;
  const template = await templateOf(http, { model: name, fim }, signal);
  const infills = template === undefined;
  const facts = { kind: 'llama-server', model: name, contextTokens, slots, infills } as const;
  return new LlamaServer(http, facts, template);
}

/**
 * Undefined: the server writes the prompt (`/infill`). It puts the typed text before the suffix, which it evaluates again
 * at every key; written here the suffix stays. Which marks the model has the server's tokenizer tells.
 */
async function templateOf(
  http: HttpClient,
  { model, fim }: Pick<Wanted, 'model' | 'fim'>,
  signal: AbortSignal,
): Promise<TemplateName | undefined> {
  if (fim === 'infill' || fim === 'suffix') return undefined;
  if (fim !== 'auto') return fim;
  for (const name of templatesToTry(model))
    if (await hasMarks(http, marksOf(name), signal)) return name;
  return undefined;
}

async function hasMarks(
  http: HttpClient,
  marks: readonly string[],
  signal: AbortSignal,
): Promise<boolean> {
  for (const content of marks) {
    const body = { content, parse_special: true };
    const tokens = v.safeParse(tokensSchema, await optional(http, '/tokenize', signal, body));
    if (!tokens.success || tokens.output.tokens.length !== 1) return false;
  }
  return true;
}

async function askOpenAi(
  http: HttpClient,
  { model, fim }: Wanted,
  signal: AbortSignal,
): Promise<ServerApi> {
  const models = v.safeParse(modelsSchema, await optional(http, '/v1/models', signal));
  const listed = models.success ? models.output.data : [];
  const known = listed.find(({ id }) => id === model) ?? (model === '' ? listed[0] : undefined);
  if (listed.length > 0 && known === undefined)
    throw new ServerError(
      'refused',
      `${http.host} has no model ${JSON.stringify(model)}; it has ${listed
        .slice(0, 5)
        .map(({ id }) => id)
        .join(', ')}.`,
    );
  if (listed.length === 0 && model === '')
    throw new ServerError(
      'broken',
      `${http.host} names no model; set one, or see whether its address is right.`,
    );
  const contextTokens = known?.max_model_len ?? undefined;
  return new OpenAiServer(http, { kind: 'openai', model: known?.id ?? model, contextTokens }, fim);
}

/** Undefined where the server does not know the path, or answers with something else than JSON. */
async function optional(
  http: HttpClient,
  path: string,
  signal: AbortSignal,
  body?: unknown,
): Promise<unknown> {
  try {
    return await http.json({ path, body, signal, retry: completionRetries });
  } catch (error) {
    const isOther =
      error instanceof ServerError && (error.fault === 'request' || error.fault === 'broken');
    if (isOther) return undefined;
    throw error;
  }
}
