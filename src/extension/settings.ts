import * as v from 'valibot';
import type { ContextChoice } from '../protocol/project.ts';
import {
  fimStyles,
  type ServerEndpoint,
  type ServerRole,
  type ServerSettings,
} from '../protocol/servers.ts';
import { defaultEngineSettings, type EngineSettings } from '../protocol/settings.ts';
import { localize } from './localize.ts';

/** Everything a person can set, read in one place. */
export interface WarmforkSettings {
  /** Empty: the stand-in model that comes with the extension. */
  readonly modelPath: string;
  /** One engine process for all windows. */
  readonly sharesEngine: boolean;
  readonly engine: EngineSettings;
  readonly inline: InlineSettings;
  readonly context: ContextChoice;
  readonly chat: ChatSettings;
  /** Without keys and proxies, which are not settings of ours. */
  readonly servers: ServerSettings & Readonly<Record<ServerRole, ServerEndpoint>>;
}

export interface ChatSettings {
  /** Of a model for the chat only. Empty: the same model serves both. */
  readonly modelPath: string;
  /** Largest length of an answer, in tokens. */
  readonly maxAnswerTokens: number;
}

export interface InlineSettings {
  readonly enabled: boolean;
  /** `manual`: only when a person asks by command. */
  readonly trigger: 'automatic' | 'manual';
  /** Null: as typing rhythm and measured latency say. */
  readonly debounceMs: number | null;
  /** By language id; `*` stands for all that are not named. */
  readonly languages: Readonly<Record<string, boolean>>;
  /** Ask ahead for what follows a suggestion that shows. */
  readonly prefetch: boolean;
  /** Tell the model of recent edits, open editors, definitions and problems. */
  readonly context: boolean;
  readonly pauseOn: readonly PauseReason[];
}

/** Why this machine should be spared. */
export type PauseReason = 'battery' | 'load';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const engine = defaultEngineSettings;
const bytesPerMB = 1024 ** 2;
const msPerMinute = 60_000;

const serverKind = v.picklist(['auto', 'llama-server', 'openai']);

const upTo = (most: number) => v.pipe(count, v.maxValue(most));

/** What does not fit counts as not set; `strict` says what is wrong with it. */
function setting<const S extends v.GenericSchema>(strict: S, fallback: v.InferOutput<S>) {
  return Object.assign(v.fallback(strict, fallback), { strict });
}

const inlineEntries = {
  'inline.enabled': setting(v.boolean(), true),
  'inline.trigger': setting(v.picklist(['automatic', 'manual']), 'automatic'),
  'inline.debounceMs': setting(v.nullable(upTo(5000)), null),
  'inline.languages': setting(v.record(v.string(), v.boolean()), {
    '*': true,
    plaintext: false,
    markdown: false,
  }),
  'inline.prefetch': setting(v.boolean(), true),
  'inline.context': setting(v.boolean(), true),
  'inline.pauseOn': setting(v.array(v.picklist(['battery', 'load'])), []),
};
const inlineSchema = v.object(inlineEntries);
const inlineKeys = Object.keys(inlineEntries);

/** Keys as in package.json, without `warmfork.`. */
const schema = v.object({
  'model.path': setting(v.string(), ''),
  'model.contextTokens': setting(count, engine.contextTokens),
  'model.kvType': setting(v.picklist(['f16', 'q8_0']), engine.kvType),
  'model.gpu': setting(v.picklist(['auto', 'off', 'vulkan', 'cuda', 'metal']), engine.gpu),
  'model.gpuLayers': setting(v.nullable(count), engine.gpuLayers ?? null),
  'model.threads': setting(upTo(512), engine.threads),
  'engine.shared': setting(v.boolean(), true),
  'engine.restAfterMinutes': setting(
    v.pipe(v.number(), v.minValue(0)),
    engine.restAfterMs / msPerMinute,
  ),
  'base.maxTokens': setting(v.nullable(count), engine.baseTokens),
  'base.mapInPlace': setting(v.boolean(), engine.baseInPlace),
  'context.include': setting(v.array(v.string()), []),
  'context.exclude': setting(v.array(v.string()), []),
  'cache.maxSizeMB': setting(count, engine.cacheBudgetBytes / bytesPerMB),
  'cache.keepRejected': setting(v.boolean(), engine.keepRejected),
  'sessions.persist': setting(v.picklist(['all', 'base', 'none']), engine.persist),
  'sessions.io': setting(v.picklist(['mapped', 'file']), engine.sessionIo),
  'chat.model.path': setting(v.string(), ''),
  'chat.maxAnswerTokens': setting(v.pipe(v.number(), v.integer(), v.minValue(16)), 1024),
  'server.completion.url': setting(v.string(), ''),
  'server.completion.kind': setting(serverKind, 'auto'),
  'server.completion.model': setting(v.string(), ''),
  'server.completion.fim': setting(v.picklist(fimStyles), 'auto'),
  'server.chat.url': setting(v.string(), ''),
  'server.chat.kind': setting(serverKind, 'auto'),
  'server.chat.model': setting(v.string(), ''),
  'server.fallBackToLocal': setting(v.boolean(), true),
  'server.contextTokens': setting(v.nullable(count), null),
  'server.timeoutSeconds': setting(v.pipe(v.number(), v.minValue(1)), 60),
  'server.caFile': setting(v.string(), ''),
  'server.allowKeyOverHttp': setting(v.boolean(), false),
  ...inlineEntries,
});

export type SettingKey = keyof typeof schema.entries;

export const settingKeys = Object.keys(schema.entries) as readonly SettingKey[];

/** `atOnce`: read where it is used. `engineTold`: the engine obeys while it runs. None needs the window to be reloaded. */
export type SettingEffect = 'atOnce' | 'engineTold' | 'engineRestarted';

/** How a change is put into effect; a test holds the code against it. */
export const settingEffects: Readonly<Record<SettingKey, SettingEffect>> = {
  'model.path': 'engineRestarted',
  'model.contextTokens': 'engineRestarted',
  'model.kvType': 'engineRestarted',
  'model.gpu': 'engineRestarted',
  'model.gpuLayers': 'engineRestarted',
  'model.threads': 'engineRestarted',
  'engine.shared': 'engineRestarted',
  'engine.restAfterMinutes': 'engineRestarted',
  'base.maxTokens': 'engineRestarted',
  'base.mapInPlace': 'engineRestarted',
  'context.include': 'engineTold',
  'context.exclude': 'engineTold',
  'cache.maxSizeMB': 'engineRestarted',
  'cache.keepRejected': 'engineRestarted',
  'sessions.persist': 'engineRestarted',
  'sessions.io': 'engineRestarted',
  'chat.model.path': 'atOnce',
  'chat.maxAnswerTokens': 'atOnce',
  'server.completion.url': 'engineRestarted',
  'server.completion.kind': 'engineRestarted',
  'server.completion.model': 'engineRestarted',
  'server.completion.fim': 'engineRestarted',
  'server.chat.url': 'engineRestarted',
  'server.chat.kind': 'engineRestarted',
  'server.chat.model': 'engineRestarted',
  'server.fallBackToLocal': 'engineRestarted',
  'server.contextTokens': 'engineRestarted',
  'server.timeoutSeconds': 'engineRestarted',
  'server.caFile': 'engineRestarted',
  'server.allowKeyOverHttp': 'engineRestarted',
  'inline.enabled': 'atOnce',
  'inline.trigger': 'atOnce',
  'inline.debounceMs': 'atOnce',
  'inline.languages': 'atOnce',
  'inline.prefetch': 'atOnce',
  'inline.context': 'atOnce',
  'inline.pauseOn': 'atOnce',
};

/** A value that cannot be used: the default is used instead. */
export interface SettingProblem {
  readonly key: SettingKey;
  /** In words. */
  readonly problem: string;
}

export function settingProblems(read: (key: SettingKey) => unknown): readonly SettingProblem[] {
  return settingKeys.flatMap((key) => {
    const value = read(key);
    if (value === undefined) return [];
    const result = v.safeParse(schema.entries[key].strict, value);
    return result.success ? [] : [{ key, problem: problemWords(value, result.issues[0]) }];
  });
}

function problemWords(value: unknown, { expected }: v.BaseIssue<unknown>): string {
  const wanted = expected?.replaceAll('"', "'") ?? localize('a whole number');
  const shown = JSON.stringify(value).slice(0, 60);
  return localize('{0} does not fit, {1} is expected', shown, wanted);
}

/** Unknown or wrong values fall back to the defaults. */
export function parseSettings(read: (key: string) => unknown): WarmforkSettings {
  const values = v.parse(schema, valuesOf(settingKeys, read));
  return {
    modelPath: values['model.path'],
    sharesEngine: values['engine.shared'],
    engine: {
      contextTokens: values['model.contextTokens'],
      baseTokens: values['base.maxTokens'],
      kvType: values['model.kvType'],
      gpu: values['model.gpu'],
      gpuLayers: values['model.gpuLayers'],
      threads: values['model.threads'],
      persist: values['sessions.persist'],
      sessionIo: values['sessions.io'],
      baseInPlace: values['base.mapInPlace'],
      cacheBudgetBytes: values['cache.maxSizeMB'] * bytesPerMB,
      restAfterMs: values['engine.restAfterMinutes'] * msPerMinute,
      keepRejected: values['cache.keepRejected'],
    },
    chat: {
      modelPath: values['chat.model.path'].trim(),
      maxAnswerTokens: values['chat.maxAnswerTokens'],
    },
    servers: serversOf(values),
    context: { include: values['context.include'], exclude: values['context.exclude'] },
    inline: inlineOf(values),
  };
}

/** The same of those alone that are read at every key, for the document that is typed into. */
export function parseInlineSettings(read: (key: string) => unknown): InlineSettings {
  return inlineOf(v.parse(inlineSchema, valuesOf(inlineKeys, read)));
}

function valuesOf(keys: readonly string[], read: (key: string) => unknown) {
  return Object.fromEntries(keys.map((key) => [key, read(key)]));
}

function inlineOf(values: v.InferOutput<typeof inlineSchema>): InlineSettings {
  return {
    enabled: values['inline.enabled'],
    trigger: values['inline.trigger'],
    debounceMs: values['inline.debounceMs'],
    languages: values['inline.languages'],
    prefetch: values['inline.prefetch'],
    context: values['inline.context'],
    pauseOn: values['inline.pauseOn'],
  };
}

function serversOf(values: v.InferOutput<typeof schema>): WarmforkSettings['servers'] {
  const fim = values['server.completion.fim'];
  return {
    completion: endpointOf(values, 'completion', fim),
    chat: endpointOf(values, 'chat', 'auto'),
    fallBackToLocal: values['server.fallBackToLocal'],
    contextTokens: values['server.contextTokens'],
    silenceMs: values['server.timeoutSeconds'] * 1000,
    caFile: values['server.caFile'].trim(),
    allowKeyOverHttp: values['server.allowKeyOverHttp'],
    ...{ proxy: '', noProxy: [] },
  };
}

/** Without an address the local model has the role. */
function endpointOf(
  values: v.InferOutput<typeof schema>,
  role: 'completion' | 'chat',
  fim: ServerEndpoint['fim'],
): ServerEndpoint {
  const url = values[`server.${role}.url`].trim();
  const kind = values[`server.${role}.kind`];
  const model = values[`server.${role}.model`].trim();
  return { url, kind, model, fim };
}

/** True when the engine has to be started anew to obey. */
export function needsRestart(before: WarmforkSettings, after: WarmforkSettings): boolean {
  return (
    before.modelPath !== after.modelPath ||
    before.sharesEngine !== after.sharesEngine ||
    JSON.stringify(before.engine) !== JSON.stringify(after.engine) ||
    JSON.stringify(before.servers) !== JSON.stringify(after.servers)
  );
}

/** True when the project context is to be made of other files. */
export function choosesOtherContext(before: WarmforkSettings, after: WarmforkSettings): boolean {
  return JSON.stringify(before.context) !== JSON.stringify(after.context);
}

export function isLanguageOn({ languages }: InlineSettings, languageId: string): boolean {
  return languages[languageId] ?? languages['*'] ?? true;
}
