/** Whether a server is there: asked again, ever less often, while it is away. */
import type { Disposable } from '../../base/disposable.ts';
import type { ServerHealth } from '../../protocol/servers.ts';
import type { ServerClock } from './clock.ts';
import { ServerError } from './serverError.ts';
import type { ServerFacts } from './serverKind.ts';

const firstCheckMs = 1_000;
const longestCheckMs = 60_000;

export type ServerModel = Pick<ServerFacts, 'model' | 'contextTokens'>;

export interface HealthOptions {
  readonly host: string;
  readonly clock: ServerClock;
  /** Asks the server; throws a {@link ServerError} while it is away. Gives what it has. */
  readonly check: () => Promise<ServerModel>;
  readonly onChange: (health: ServerHealth) => void;
}

export class Health {
  readonly #options: HealthOptions;
  #now: ServerHealth;
  #failures = 0;
  #timer: Disposable | undefined;
  #isClosed = false;
  /** Times the server was asked whether it is back. */
  checks = 0;

  constructor(options: HealthOptions) {
    this.#options = options;
    this.#now = { state: 'asking', host: options.host };
  }

  get now(): ServerHealth {
    return this.#now;
  }

  /** Throws what made it away: it is not asked with every key. */
  require(): void {
    const { state, message = '' } = this.#now;
    if (state === 'away') throw new ServerError('away', message);
  }

  up({ model, contextTokens }: ServerModel): void {
    this.#failures = 0;
    this.#timer?.dispose();
    this.#timer = undefined;
    if (this.#now.state !== 'up' || this.#now.model !== model)
      this.#set({ state: 'up', host: this.#options.host, model, contextTokens });
  }

  /** A request that is not to its liking says nothing about its health; nor does an answer that was cut. */
  failed(error: unknown): void {
    if (!(error instanceof ServerError) || error.fault === 'request' || error.fault === 'cut')
      return;
    if (this.#timer !== undefined) return; // several failed together
    const { host } = this.#options;
    const pauseMs = Math.min(longestCheckMs, firstCheckMs * 2 ** this.#failures++);
    this.#set({ state: 'away', host, message: error.message });
    if (this.#isClosed) return;
    this.#timer = this.#options.clock.schedule(
      () => void this.#check(),
      Math.max(pauseMs, Math.min(longestCheckMs, error.retryAfterMs ?? 0)),
    );
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.dispose();
  }

  async #check(): Promise<void> {
    this.checks++;
    this.#timer = undefined;
    try {
      this.up(await this.#options.check());
    } catch (error) {
      if (!this.#isClosed) this.failed(error);
    }
  }

  #set(health: ServerHealth): void {
    const isSame = JSON.stringify(health) === JSON.stringify(this.#now);
    this.#now = health;
    if (!isSame) this.#options.onChange(health);
  }
}
