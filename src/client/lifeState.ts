import type { MessageConnection } from 'vscode-jsonrpc/node';
import { assertNever } from '../base/assertNever.ts';
import type { Disposable } from '../base/disposable.ts';
import type { Clock } from './clock.ts';
import type { WaitOptions } from './engineClient.ts';
import { EngineError } from './engineError.ts';
import { abortReason } from './exchange.ts';
import type { EngineLink } from './engineLink.ts';

/** Where an engine is in its life, as its supervisor sees it. */
export type Life =
  | { readonly kind: 'idle' }
  | { readonly kind: 'starting'; readonly engine: EngineLink }
  | { readonly kind: 'running'; readonly engine: EngineLink }
  /** After a crash, until the timer starts the next one. */
  | { readonly kind: 'waiting'; readonly timer: Disposable }
  /** The old one saves, then the next one starts. */
  | { readonly kind: 'replacing' }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'closed' };

/** Holds the life and lets requests wait for a connection. */
export class LifeState {
  #now: Life = { kind: 'idle' };
  readonly #waiters = new Set<() => void>();

  get now(): Life {
    return this.#now;
  }

  set(next: Life): void {
    if (this.#now.kind === 'waiting') this.#now.timer.dispose();
    this.#now = next;
    for (const check of [...this.#waiters]) check();
  }

  connected({ signal, waitMs }: WaitOptions, clock: Clock): Promise<MessageConnection> {
    return new Promise((resolve, reject) => {
      const cleanup: (() => void)[] = [];
      const settle = (action: () => void): void => {
        for (const step of cleanup.splice(0)) step();
        action();
      };
      const check = (): void => {
        if (signal?.aborted) return settle(() => reject(abortReason(signal)));
        const outcome = outcomeOf(this.#now);
        if (outcome instanceof EngineError) settle(() => reject(outcome));
        else if (outcome) settle(() => resolve(outcome));
      };
      this.#waiters.add(check);
      cleanup.push(() => this.#waiters.delete(check));
      signal?.addEventListener('abort', check);
      cleanup.push(() => signal?.removeEventListener('abort', check));
      if (waitMs !== undefined) {
        const timer = clock.schedule(() => settle(() => reject(notReady(waitMs))), waitMs);
        cleanup.push(() => timer.dispose());
      }
      check();
    });
  }
}

/** Undefined: wait on. */
function outcomeOf(life: Life): MessageConnection | EngineError | undefined {
  switch (life.kind) {
    case 'idle':
    case 'starting':
    case 'waiting':
    case 'replacing':
      return undefined;
    case 'running':
      return life.engine.connection;
    case 'failed':
      return new EngineError('ERR_WARMFORK_ENGINE_FAILED', life.message);
    case 'closed':
      return new EngineError('ERR_WARMFORK_ENGINE_CLOSED', 'The engine was shut down.');
    default:
      return assertNever(life);
  }
}

function notReady(waitMs: number): EngineError {
  return new EngineError(
    'ERR_WARMFORK_ENGINE_NOT_READY',
    `The engine was not ready within ${waitMs} ms.`,
  );
}
