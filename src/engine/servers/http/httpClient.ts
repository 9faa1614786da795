/** Requests to one server: timeouts, retries, errors in words. Text that was delivered is never asked for again. */
import type { ClientRequest, IncomingMessage } from 'node:http';
import { pause, serverClock, type ServerClock } from '../clock.ts';
import { ServerError } from '../serverError.ts';
import { connectionWords } from './connectionWords.ts';
import { openConnections, type Connections, type ConnectionsOptions } from './connections.ts';
import { errorSentence } from './errorBody.ts';
import { isLoopback } from './proxy.ts';
import { noRetries, pauseBefore, retryAfterMs, type RetryPolicy } from './retry.ts';
import { events } from './sse.ts';

export interface HttpClientOptions extends ConnectionsOptions {
  readonly url: string;
  readonly key?: string | undefined;
  readonly allowKeyOverHttp: boolean;
  /** Longest silence, from the request to the answer and between parts of it, in ms. */
  readonly silenceMs: number;
  readonly connectMs?: number;
  readonly clock?: ServerClock;
}

export interface Ask {
  readonly path: string;
  /** Sent as JSON; absent: a GET. */
  readonly body?: unknown;
  readonly signal: AbortSignal;
  readonly retry?: RetryPolicy;
}

const defaultConnectMs = 5_000;
/** More of an error page is not read. */
const errorChars = 64 * 1024;

export class HttpClient {
  readonly host: string;
  /** Requests that went out; those made again after a failure; those made again because a kept connection was closed. */
  readonly counters = { sent: 0, retried: 0, reconnected: 0 };
  readonly #options: HttpClientOptions;
  readonly #base: URL;
  readonly #clock: ServerClock;
  #connections: Connections | undefined;

  /** Throws a {@link ServerError} for an address that is none. */
  constructor(options: HttpClientOptions) {
    this.#options = options;
    this.#base = baseOf(options.url);
    this.host = this.#base.host;
    this.#clock = options.clock ?? serverClock;
  }

  /** The JSON of the answer. */
  async json(ask: Ask): Promise<unknown> {
    const answer = await this.#send(ask);
    const text = await this.#whole(answer, ask.signal);
    try {
      return JSON.parse(text) as unknown;
    } catch {
      throw new ServerError('broken', `${this.host} answered ${ask.path} with what is not JSON.`);
    }
  }

  /** The events of a streamed answer. Who stops reading closes the request. */
  async *events(ask: Ask): AsyncGenerator {
    const answer = await this.#send(ask);
    yield* events(this.#chunks(answer, ask.signal), this.host);
  }

  close(): void {
    this.#connections?.close();
  }

  async #send(ask: Ask): Promise<IncomingMessage> {
    this.#refuseOpenKey();
    const { signal, retry = noRetries } = ask;
    for (let made = 1; ; made++) {
      try {
        return await this.#attempt(ask);
      } catch (error) {
        if (!(error instanceof ServerError) || signal.aborted) throw error;
        const pauseMs = pauseBefore(error, made, retry);
        if (pauseMs === undefined) throw error;
        this.counters.retried++;
        await pause(this.#clock, pauseMs, signal);
      }
    }
  }

  /** A kept connection that the server closed meanwhile says nothing about the server. */
  async #attempt(ask: Ask): Promise<IncomingMessage> {
    for (;;) {
      const { request, answer } = this.#open(ask);
      try {
        return await this.#checked(await answer, ask.signal);
      } catch (error) {
        if (ask.signal.aborted) throw ask.signal.reason;
        if (error instanceof ServerError) throw error;
        if (request.reusedSocket && isHungUp(error)) {
          this.counters.reconnected++;
          continue;
        }
        const words = connectionWords(error as Error, this.host);
        throw new ServerError('away', words, { cause: error });
      }
    }
  }

  #open({ path, body, signal }: Ask): {
    readonly request: ClientRequest;
    readonly answer: Promise<IncomingMessage>;
  } {
    signal.throwIfAborted();
    this.#connections ??= openConnections(this.#base, this.#options);
    this.counters.sent++;
    const text = body === undefined ? undefined : JSON.stringify(body);
    const request = this.#connections.request({
      method: text === undefined ? 'GET' : 'POST',
      path: `${this.#base.pathname.replace(/\/$/, '')}${path}`,
      headers: this.#headers(text),
      signal,
    });
    const answer = new Promise<IncomingMessage>((resolve, reject) => {
      request.once('response', resolve);
      request.on('error', reject);
    });
    this.#watch(request);
    request.end(text);
    return { request, answer };
  }

  #headers(body: string | undefined): Record<string, string> {
    const { key } = this.#options;
    return {
      accept: 'application/json, text/event-stream',
      ...(body !== undefined && {
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(body)),
      }),
      ...(key && { authorization: `Bearer ${key}` }),
    };
  }

  /** Ends it when the server cannot be reached, or says nothing, for too long. */
  #watch(request: ClientRequest): void {
    const { connectMs = defaultConnectMs, silenceMs } = this.#options;
    const late = (ms: number, words: string) =>
      setTimeout(() => request.destroy(new ServerError('away', words)), ms).unref();
    const seconds = (ms: number): string => `${Number((ms / 1000).toPrecision(2))} s`;
    const connecting = late(
      connectMs,
      `${this.host} could not be reached within ${seconds(connectMs)}.`,
    );
    const silent = late(silenceMs, `${this.host} did not answer within ${seconds(silenceMs)}.`);
    const connected = (): void => clearTimeout(connecting);
    request.once('socket', (socket) => {
      if (socket.connecting) socket.once('connect', connected);
      else connected();
    });
    const over = (): void => {
      clearTimeout(connecting);
      clearTimeout(silent);
    };
    request.once('response', over);
    request.once('close', over);
  }

  /** Rejects with the answer's own words when it is an error. */
  async #checked(answer: IncomingMessage, signal: AbortSignal): Promise<IncomingMessage> {
    const status = answer.statusCode ?? 0;
    if (status >= 200 && status < 300) return answer;
    const said = errorSentence(await this.#beginning(answer, signal), this.#options.key);
    const about = said === '' ? '' : `: ${said}`;
    const details = { status, retryAfterMs: retryAfterMs(answer.headers['retry-after']) };
    if (status === 401 || status === 403) {
      const words = `${this.host} does not accept the key (${status}${about}); set another one with “Warmfork: Set Server Key”.`;
      throw new ServerError('refused', words, details);
    }
    const isAway = status === 408 || status === 429 || (status >= 500 && status !== 501);
    throw new ServerError(
      isAway ? 'away' : 'request',
      `${this.host} answered ${status}${about}.`,
      details,
    );
  }

  async #beginning(answer: IncomingMessage, signal: AbortSignal): Promise<string> {
    let text = '';
    try {
      for await (const chunk of this.#chunks(answer, signal)) {
        text += chunk;
        if (text.length > errorChars) break;
      }
    } catch {
      // What came has to do.
    }
    return text;
  }

  async #whole(answer: IncomingMessage, signal: AbortSignal): Promise<string> {
    let text = '';
    for await (const chunk of this.#chunks(answer, signal)) text += chunk;
    return text;
  }

  /** Text as it comes. Throws `cut` when the connection ends within it, or nothing comes for too long. */
  async *#chunks(answer: IncomingMessage, signal: AbortSignal): AsyncGenerator<string> {
    const { silenceMs } = this.#options;
    answer.setEncoding('utf8');
    const words = `${this.host} fell silent within its answer.`;
    const silent = setTimeout(() => answer.destroy(new ServerError('cut', words)), silenceMs);
    silent.unref();
    try {
      for await (const chunk of answer as AsyncIterable<string>) {
        silent.refresh();
        yield chunk;
      }
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (error instanceof ServerError) throw error;
      throw new ServerError('cut', `${this.host} hung up within its answer.`, { cause: error });
    } finally {
      clearTimeout(silent);
    }
  }

  /** A key is for the server alone. */
  #refuseOpenKey(): void {
    const { key, allowKeyOverHttp } = this.#options;
    if (!key || this.#base.protocol === 'https:' || isLoopback(this.#base) || allowKeyOverHttp)
      return;
    throw new ServerError(
      'refused',
      `The key is not sent to ${this.host}: the connection is not encrypted. Use https://, or set warmfork.server.allowKeyOverHttp.`,
    );
  }
}

function isHungUp(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ECONNRESET' || code === 'EPIPE';
}

/** Without `/v1` and slashes at its end. */
function baseOf(url: string): URL {
  const trimmed = url.trim().replace(/\/+$/, '');
  const isWeb = /^https?:\/\//i.test(trimmed);
  if (isWeb && URL.canParse(trimmed)) return new URL(trimmed.replace(/\/v1$/, ''));
  throw new ServerError(
    'refused',
    `${JSON.stringify(url)} is no address of a server; it looks like http://127.0.0.1:8080.`,
  );
}
