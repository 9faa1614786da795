import { assertNever } from '../../base/assertNever.ts';
import { formatCount, formatMs } from '../../base/format.ts';
import type { EngineStatus } from '../../protocol/status.ts';
import type { PauseReason } from '../settings.ts';

/** What the status bar says. Plain text apart from the `$(icon)` in `label`. */
export interface StatusText {
  readonly label: string;
  /** The state in words, without icon; also for screen readers and the chat panel. */
  readonly words: string;
  readonly facts: readonly StatusFact[];
  readonly severity: 'none' | 'error';
}

interface StatusFact {
  readonly name: string;
  readonly value: string;
}

export const standInShort = 'Stand-in model: its text has no meaning';
export const standInWarning = `${standInShort}. Choose a real model (a GGUF file).`;

const product = 'Warmfork';

/** What a person, or the machine, has decided about inline completions. */
export type InlineState =
  | { readonly kind: 'on' }
  | { readonly kind: 'off' }
  | { readonly kind: 'snoozed'; readonly until: string | undefined }
  | { readonly kind: 'paused'; readonly by: PauseReason };

export const inlineOn: InlineState = { kind: 'on' };

export function describeStatus(status: EngineStatus, inline: InlineState = inlineOn): StatusText {
  const words = stateWords(status, inline);
  return {
    label: labelOf(status, inline, words),
    words,
    facts: factsOf(status),
    severity: status.state === 'failed' ? 'error' : 'none',
  };
}

function stateWords(status: EngineStatus, inline: InlineState): string {
  switch (status.state) {
    case 'starting':
      return 'starting';
    case 'loadingModel':
      return 'loading model';
    case 'warming':
      return `warming ${percent(status.warming)}`;
    case 'ready':
      return inlineWords(inline);
    case 'failed':
      return 'failed';
    default:
      return assertNever(status.state);
  }
}

function inlineWords(inline: InlineState): string {
  switch (inline.kind) {
    case 'on':
      return 'ready';
    case 'off':
      return 'paused';
    case 'snoozed':
      return inline.until === undefined ? 'snoozed' : `snoozed until ${inline.until}`;
    case 'paused':
      return inline.by === 'battery' ? 'paused on battery' : 'paused, machine is busy';
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
  const standIn = status.model?.standIn ? ' (stand-in model)' : '';
  if (inline.kind !== 'on') return `$(${inlineIcons[inline.kind]}) ${product}: ${words}${standIn}`;
  const { lastFirstTokenMs } = status;
  const time = lastFirstTokenMs === undefined ? '' : ` ${formatMs(lastFirstTokenMs)}`;
  return `$(flame) ${product}${time}${standIn}`;
}

function factsOf({
  message,
  model,
  base,
  lastFirstTokenMs,
  persistence,
}: EngineStatus): StatusFact[] {
  const facts: StatusFact[] = [];
  const add = (name: string, value: string | undefined): void => {
    if (value) facts.push({ name, value });
  };
  add('Note', message);
  add('Model', model && `${model.name} · context ${formatCount(model.contextTokens)} tokens`);
  if (model && !model.fim) add('Completion', 'by plain continuation: the model cannot fill in');
  add('Base session', base && baseWords(base));
  if (lastFirstTokenMs !== undefined) add('Time to first token', formatMs(lastFirstTokenMs));
  if (persistence.kind !== 'none' || persistence.reason) {
    add('Sessions', persistenceWords(persistence));
  }
  return facts;
}

function baseWords(base: NonNullable<EngineStatus['base']>): string {
  const how = base.source === 'restored' ? 'restored from its file' : 'evaluated';
  const where = base.persisted ? '' : ', in memory only';
  return `${formatCount(base.tokens)} tokens, ${how} in ${formatMs(base.ms)}${where}`;
}

function persistenceWords({ kind, reason }: EngineStatus['persistence']): string {
  const how = { mapped: 'mapped files', file: 'ordinary files', none: 'not kept' }[kind];
  return reason ? `${how} (${reason})` : how;
}

function percent(progress: EngineStatus['warming']): string {
  if (!progress || progress.total <= 0) return '0 %';
  return `${Math.floor((100 * Math.min(progress.done, progress.total)) / progress.total)} %`;
}
