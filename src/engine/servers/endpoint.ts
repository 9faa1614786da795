/** One server in one role: found out what it is, asked while it is there, left alone while it is away. */
import type { ServerEndpoint, ServerHealth, ServerSettings } from '../../protocol/servers.ts';
import type { ServerClock } from './clock.ts';
import { detectServer } from './detect.ts';
import { Health } from './health.ts';
import { HttpClient } from './http/httpClient.ts';
import { ServerError } from './serverError.ts';
import type { ServerApi } from './serverKind.ts';

export interface EndpointOptions {
  readonly server: ServerEndpoint;
  readonly settings: Omit<ServerSettings, 'completion' | 'chat' | 'fallBackToLocal'>;
  readonly clock: ServerClock;
  readonly ending: AbortSignal;
  readonly onHealth: (health: ServerHealth) => void;
}

export class Endpoint {
  readonly health: Health;
  readonly #options: EndpointOptions;
  readonly #http: HttpClient | ServerError;
  #api: Promise<ServerApi> | undefined;

  constructor(options: EndpointOptions) {
    this.#options = options;
    this.#http = clientFor(options);
    this.health = new Health({
      host: this.#http instanceof ServerError ? options.server.url : this.#http.host,
      clock: options.clock,
      check: async () => (await this.#detected()).facts,
      onChange: options.onHealth,
    });
  }

  get counters(): HttpClient['counters'] | undefined {
    return this.#http instanceof ServerError ? undefined : this.#http.counters;
  }

  /** Says in the status whether it is there. Never rejects. */
  async greet(): Promise<void> {
    await this.use(async () => undefined).catch(() => undefined);
  }

  /** Throws a {@link ServerError} at once while the server is known to be away. */
  async use<T>(work: (api: ServerApi) => Promise<T>): Promise<T> {
    this.health.require();
    try {
      const api = await this.#detected();
      const result = await work(api);
      this.health.up(api.facts);
      return result;
    } catch (error) {
      if (!this.#options.ending.aborted) this.#failed(error);
      throw error;
    }
  }

  close(): void {
    this.health.close();
    if (!(this.#http instanceof ServerError)) this.#http.close();
  }

  #failed(error: unknown): void {
    this.health.failed(error);
    // What comes back may be another server, or the same with another model.
    if (this.health.now.state === 'away') this.#api = undefined;
  }

  /** Once for all who ask meanwhile: who gives up does not end it for the others. */
  async #detected(): Promise<ServerApi> {
    if (this.#http instanceof ServerError) throw this.#http;
    const api = (this.#api ??= detectServer(
      this.#http,
      this.#options.server,
      this.#options.ending,
    ));
    try {
      return await api;
    } catch (error) {
      if (this.#api === api) this.#api = undefined;
      throw error;
    }
  }
}

function clientFor({ server, settings, clock }: EndpointOptions): HttpClient | ServerError {
  try {
    return new HttpClient({ ...settings, url: server.url, key: server.key, clock });
  } catch (error) {
    if (error instanceof ServerError) return error;
    throw error;
  }
}
