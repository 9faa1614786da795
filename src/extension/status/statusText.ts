import { assertNever } from '../../base/assertNever.ts';
import { formatCount, formatMs } from '../../base/format.ts';
import type { EngineStatus } from '../../protocol/status.ts';

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

export function describeStatus(status: EngineStatus, isInlineOn: boolean): StatusText {
  const words = stateWords(status, isInlineOn);
  return {
    label: labelOf(status, isInlineOn, words),
    words,
    facts: factsOf(status),
    severity: status.state === 'failed' ? 'error' : 'none',
  };
}

function stateWords(status: EngineStatus, isInlineOn: boolean): string {
  switch (status.state) {
    case 'starting':
      return 'starting';
    case 'loadingModel':
      return 'loading model';
    case 'warming':
      return `warming ${percent(status.warming)}`;
    case 'ready':
      return isInlineOn ? 'ready' : 'paused';
    case 'failed':
      return 'failed';
    default:
      return assertNever(status.state);
  }
}

function labelOf(status: EngineStatus, isInlineOn: boolean, words: string): string {
  if (status.state === 'failed') return `$(error) ${product}: ${words}`;
  if (status.state !== 'ready') return `$(loading~spin) ${product}: ${words}`;
  const standIn = status.model?.standIn ? ' (stand-in model)' : '';
  if (!isInlineOn) return `$(circle-slash) ${product}: ${words}${standIn}`;
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
