import * as v from 'valibot';
import type { ContextChoice } from '../protocol/project.ts';
import { defaultEngineSettings, type EngineSettings } from '../protocol/settings.ts';

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
}

export interface ChatSettings {
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

/** Keys as in package.json, without `warmfork.`; what does not fit counts as not set. */
const schema = v.object({
  'model.path': v.fallback(v.string(), ''),
  'model.contextTokens': v.fallback(count, engine.contextTokens),
  'model.kvType': v.fallback(v.picklist(['f16', 'q8_0']), engine.kvType),
  'model.gpu': v.fallback(v.picklist(['auto', 'off', 'vulkan', 'cuda', 'metal']), engine.gpu),
  'model.threads': v.fallback(count, engine.threads),
  'engine.shared': v.fallback(v.boolean(), true),
  'engine.restAfterMinutes': v.fallback(
    v.pipe(v.number(), v.minValue(0)),
    engine.restAfterMs / msPerMinute,
  ),
  'base.maxTokens': v.fallback(v.nullable(count), engine.baseTokens),
  'base.mapInPlace': v.fallback(v.boolean(), engine.baseInPlace),
  'context.include': v.fallback(v.array(v.string()), []),
  'context.exclude': v.fallback(v.array(v.string()), []),
  'cache.maxSizeMB': v.fallback(count, engine.cacheBudgetBytes / bytesPerMB),
  'cache.keepRejected': v.fallback(v.boolean(), engine.keepRejected),
  'sessions.persist': v.fallback(v.picklist(['all', 'base', 'none']), engine.persist),
  'sessions.io': v.fallback(v.picklist(['mapped', 'file']), engine.sessionIo),
  'chat.maxAnswerTokens': v.fallback(v.pipe(v.number(), v.integer(), v.minValue(16)), 1024),
  'inline.enabled': v.fallback(v.boolean(), true),
  'inline.trigger': v.fallback(v.picklist(['automatic', 'manual']), 'automatic'),
  'inline.debounceMs': v.fallback(v.nullable(count), null),
  'inline.languages': v.fallback(v.record(v.string(), v.boolean()), {
    '*': true,
    plaintext: false,
    markdown: false,
  }),
  'inline.prefetch': v.fallback(v.boolean(), true),
  'inline.context': v.fallback(v.boolean(), true),
  'inline.pauseOn': v.fallback(v.array(v.picklist(['battery', 'load'])), []),
});

export const settingKeys: readonly string[] = Object.keys(schema.entries);

/** Unknown or wrong values fall back to the defaults. */
export function parseSettings(read: (key: string) => unknown): WarmforkSettings {
  const values = v.parse(schema, Object.fromEntries(settingKeys.map((key) => [key, read(key)])));
  return {
    modelPath: values['model.path'],
    sharesEngine: values['engine.shared'],
    engine: {
      contextTokens: values['model.contextTokens'],
      baseTokens: values['base.maxTokens'],
      kvType: values['model.kvType'],
      gpu: values['model.gpu'],
      threads: values['model.threads'],
      persist: values['sessions.persist'],
      sessionIo: values['sessions.io'],
      baseInPlace: values['base.mapInPlace'],
      cacheBudgetBytes: values['cache.maxSizeMB'] * bytesPerMB,
      restAfterMs: values['engine.restAfterMinutes'] * msPerMinute,
      keepRejected: values['cache.keepRejected'],
    },
    chat: { maxAnswerTokens: values['chat.maxAnswerTokens'] },
    context: { include: values['context.include'], exclude: values['context.exclude'] },
    inline: {
      enabled: values['inline.enabled'],
      trigger: values['inline.trigger'],
      debounceMs: values['inline.debounceMs'],
      languages: values['inline.languages'],
      prefetch: values['inline.prefetch'],
      context: values['inline.context'],
      pauseOn: values['inline.pauseOn'],
    },
  };
}

/** True when the engine has to be started anew to obey. */
export function needsRestart(before: WarmforkSettings, after: WarmforkSettings): boolean {
  return (
    before.modelPath !== after.modelPath ||
    before.sharesEngine !== after.sharesEngine ||
    JSON.stringify(before.engine) !== JSON.stringify(after.engine)
  );
}

/** True when the project context is to be made of other files. */
export function choosesOtherContext(before: WarmforkSettings, after: WarmforkSettings): boolean {
  return JSON.stringify(before.context) !== JSON.stringify(after.context);
}

export function isLanguageOn({ languages }: InlineSettings, languageId: string): boolean {
  return languages[languageId] ?? languages['*'] ?? true;
}
