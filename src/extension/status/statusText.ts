import { assertNever } from '../../base/assertNever.ts';
import { formatCount, formatMs } from '../../base/format.ts';
import type { ServerHealth } from '../../protocol/servers.ts';
import type { EngineStatus } from '../../protocol/status.ts';
import type { CommandName } from '../commandIds.ts';
import { localize } from '../localize.ts';
import type { PauseReason } from '../settings.ts';

/** What the status bar says. Plain text apart from the `$(icon)` in `label`. */
export interface StatusText {
  readonly label: string;
  /** The state in words, without icon; also for the chat panel. */
  readonly words: string;
  /** The same and what belongs to it, for screen readers. */
  readonly spoken: string;
  readonly facts: readonly StatusFact[];
  /** Sentences about settings that cannot be used. */
  readonly problems: readonly string[];
  /** What a person may want to do now. */
  readonly commands: readonly StatusCommand[];
  readonly severity: 'none' | 'error';
}

interface StatusCommand {
  readonly title: string;
  readonly command: CommandName;
}

interface StatusFact {
  readonly name: string;
  readonly value: string;
}

export function standInShort(): string {
  return localize('Stand-in model: its text has no meaning');
}

export function standInWarning(): string {
  return localize('{0}. Choose a real model (a GGUF file).', standInShort());
}

const product = 'Warmfork';

/** What a person, or the machine, has decided about inline completions. */
export type InlineState =
  | { readonly kind: 'on' }
  | { readonly kind: 'off' }
  | { readonly kind: 'snoozed'; readonly until: string | undefined }
  | { readonly kind: 'paused'; readonly by: PauseReason };

export const inlineOn: InlineState = { kind: 'on' };

export function describeStatus(
  status: EngineStatus,
  inline: InlineState = inlineOn,
  problems: readonly string[] = [],
): StatusText {
  const words = stateWords(status, inline);
  return {
    label: labelOf(status, inline, words),
    ...{ words, problems },
    spoken: spokenWords(status, words, problems),
    facts: factsOf(status),
    commands: commandsFor(status),
    severity: status.state === 'failed' ? 'error' : 'none',
  };
}

/** Sentences: a screen reader pauses where they end. */
function spokenWords(status: EngineStatus, words: string, problems: readonly string[]): string {
  const { message, model, lastFirstTokenMs } = status;
  const sentences = [`${product}: ${words}.`];
  if (message) sentences.push(message);
  if (model?.standIn) sentences.push(`${standInShort()}.`);
  const away = [status.server?.completion, status.server?.chat].find(
    (one) => one?.state === 'away',
  );
  if (away?.message) sentences.push(away.message);
  if (lastFirstTokenMs !== undefined)
    sentences.push(localize('Time to first token: {0}.', formatMs(lastFirstTokenMs)));
  return [...sentences, ...problems].join(' ');
}

function commandsFor({ state, model }: EngineStatus): StatusCommand[] {
  const chat: StatusCommand = { title: localize('Open Chat'), command: 'openChat' };
  const choose: StatusCommand = { title: localize('Select Model'), command: 'selectModel' };
  const sessions: StatusCommand = { title: localize('Sessions'), command: 'showSessions' };
  const log: StatusCommand = { title: localize('Log'), command: 'showLog' };
  if (state === 'failed')
    return [{ title: localize('Restart Engine'), command: 'restartEngine' }, choose, log];
  return model?.standIn ? [choose, chat, sessions, log] : [chat, sessions, choose, log];
}

function stateWords(status: EngineStatus, inline: InlineState): string {
  switch (status.state) {
    case 'starting':
      return localize('starting');
    case 'loadingModel':
      return localize('loading model');
    case 'warming':
      return localize('warming {0}', percent(status.warming));
    case 'ready':
      return inlineWords(inline);
    case 'failed':
      return localize('failed');
    default:
      return assertNever(status.state);
  }
}

function inlineWords(inline: InlineState): string {
  switch (inline.kind) {
    case 'on':
      return localize('ready');
    case 'off':
      return localize('paused');
    case 'snoozed':
      return inline.until === undefined
        ? localize('snoozed')
        : localize('snoozed until {0}', inline.until);
    case 'paused':
      return inline.by === 'battery'
        ? localize('paused on battery')
        : localize('paused, machine is busy');
    default:
      return assertNever(inline);
  }
}

const inlineIcons: Record<InlineState['kind'], string> = {
  on: 'flame',
  off: 'circle-slash',
  snoozed: 'bell-slash',
  paused: 'debug-pause',
};

function labelOf(status: EngineStatus, inline: InlineState, words: string): string {
  if (status.state === 'failed') return `$(error) ${product}: ${words}`;
  if (status.state !== 'ready') return `$(loading~spin) ${product}: ${words}`;
  const isServed = status.server?.completion?.state === 'up';
  const isStandIn = status.model?.standIn && !isServed;
  const standIn = isStandIn ? ` (${localize('stand-in model')})` : '';
  if (inline.kind !== 'on') return `$(${inlineIcons[inline.kind]}) ${product}: ${words}${standIn}`;
  const { lastFirstTokenMs } = status;
  const time = lastFirstTokenMs === undefined ? '' : ` ${formatMs(lastFirstTokenMs)}`;
  return `$(flame) ${product}${time}${standIn}${serverLabel(status)}`;
}

/** The one for completions, which are asked for all the time, first. */
function serverLabel({ server }: EngineStatus): string {
  const all = [server?.completion, server?.chat].filter((health) => health !== undefined);
  if (all.length === 0) return '';
  if (all.some(({ state }) => state === 'away')) return ` · ${localize('server away')}`;
  return ` · ${localize('server')}`;
}

function serverWords({ state, host, model, message }: ServerHealth): string {
  if (state === 'up') return model ? `${host} · ${model}` : host;
  if (state === 'asking') return localize('{0}: not heard of yet', host);
  return localize('{0} is away: {1}', host, message ?? '');
}

function factsOf({
  message,
  model,
  base,
  lastFirstTokenMs,
  persistence,
  server,
}: EngineStatus): StatusFact[] {
  const facts: StatusFact[] = [];
  const add = (name: string, value: string | undefined): void => {
    if (value) facts.push({ name, value });
  };
  add(localize('Note'), message);
  const { completion, chat } = server ?? {};
  add(localize('Completion server'), completion && serverWords(completion));
  add(localize('Chat server'), chat && serverWords(chat));
  add(localize('Model'), model && modelWords(model));
  if (model && !model.fim)
    add(localize('Completion'), localize('by plain continuation: the model cannot fill in'));
  add(localize('Base session'), base && baseWords(base));
  if (lastFirstTokenMs !== undefined)
    add(localize('Time to first token'), formatMs(lastFirstTokenMs));
  if (persistence.kind !== 'none' || persistence.reason) {
    add(localize('Sessions'), persistenceWords(persistence));
  }
  return facts;
}

function modelWords({ name, contextTokens }: NonNullable<EngineStatus['model']>): string {
  return localize('{0} · context {1} tokens', name, formatCount(contextTokens));
}

function baseWords({ tokens, ms, source, persisted }: NonNullable<EngineStatus['base']>): string {
  const args = [formatCount(tokens), formatMs(ms)] as const;
  const words =
    source === 'restored'
      ? localize('{0} tokens, restored from its file in {1}', ...args)
      : localize('{0} tokens, evaluated in {1}', ...args);
  return persisted ? words : localize('{0}, in memory only', words);
}

function persistenceWords({ kind, reason }: EngineStatus['persistence']): string {
  const how = {
    mapped: localize('mapped files'),
    file: localize('ordinary files'),
    none: localize('not kept'),
  }[kind];
  return reason ? `${how} (${reason})` : how;
}

function percent(progress: EngineStatus['warming']): string {
  if (!progress || progress.total <= 0) return '0 %';
  return `${Math.floor((100 * Math.min(progress.done, progress.total)) / progress.total)} %`;
}
