/** What both roles need of their server. */
import type { RequestStats } from '../../protocol/requests.ts';
import type { ServerHealth, ServerSettings } from '../../protocol/servers.ts';
import type { InitializeParams } from '../../protocol/settings.ts';
import type { Runtime } from '../runtime.ts';
import type { Answer } from './answer.ts';
import type { ServerClock } from './clock.ts';

export interface RoleOptions {
  readonly params: InitializeParams;
  readonly settings: ServerSettings;
  readonly clock: ServerClock;
  readonly ending: AbortSignal;
  readonly log: Runtime['log'];
  readonly onHealth: (health: ServerHealth) => void;
}

export function statsOf(
  { usage, firstTextMs }: Pick<Answer, 'usage' | 'firstTextMs'>,
  startedMs: number,
  sessionRestored = false,
): RequestStats {
  const { promptTokens = 0, cachedTokens = 0, generated = 0 } = usage ?? {};
  const totalMs = performance.now() - startedMs;
  return {
    promptTokens,
    evaluated: promptTokens - cachedTokens,
    reused: cachedTokens,
    generated,
    queuedMs: 0,
    forkMs: 0,
    firstTokenMs: firstTextMs ?? totalMs,
    totalMs,
    sessionRestored,
  };
}
