import { DownloadError } from './downloadError.ts';

export interface HttpOptions {
  readonly signal: AbortSignal;
  /** A connection from which nothing comes for so long is given up. */
  readonly stallMs: number;
  /** Called before every request. */
  readonly onContact: (host: string, why: string) => void;
  /** Sent to `origin` only. */
  readonly token?: { readonly origin: string; readonly value: string } | undefined;
}

export interface Request {
  readonly method: 'GET' | 'HEAD';
  readonly headers?: Readonly<Record<string, string>>;
  readonly redirect?: 'follow' | 'manual';
  readonly why: string;
}

/** A response whose time is watched: every chunk starts the clock anew. */
export interface Watched {
  readonly response: Response;
  /** Chunks of the body; the connection is closed when the loop is left. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Lets the rest of the body go. */
  readonly close: () => void;
}

/** Requests to other machines. Failures are `DownloadError`s, or the signal's reason. */
export class Http {
  readonly #options: HttpOptions;

  constructor(options: HttpOptions) {
    this.#options = options;
  }

  async send(
    url: string,
    { method, headers, redirect = 'follow', why }: Request,
  ): Promise<Watched> {
    const { signal, onContact, stallMs } = this.#options;
    signal.throwIfAborted();
    const { host } = new URL(url);
    onContact(host, why);
    const watch = new StallWatch(signal, stallMs);
    try {
      const response = await fetch(url, {
        method,
        redirect,
        signal: watch.signal,
        headers: {
          // Under this name Hugging Face says which file a quantisation is.
          'user-agent': 'llama-cpp',
          'accept-encoding': 'identity',
          ...this.#authorization(url),
          ...headers,
        },
      });
      return { response, chunks: chunksOf(response, watch, host), close: () => watch.close() };
    } catch (error) {
      watch.close();
      throw this.#failure(host, error, watch.stalled);
    }
  }

  #authorization(url: string): Record<string, string> {
    const { token } = this.#options;
    return token && new URL(url).origin === token.origin
      ? { authorization: `Bearer ${token.value}` }
      : {};
  }

  #failure(host: string, error: unknown, stalled: boolean): unknown {
    return this.#options.signal.aborted
      ? this.#options.signal.reason
      : broken(host, error, stalled);
  }
}

async function* chunksOf(
  response: Response,
  watch: StallWatch,
  host: string,
): AsyncGenerator<Uint8Array> {
  try {
    watch.restart();
    for await (const chunk of response.body ?? []) {
      watch.restart();
      yield chunk;
    }
  } catch (error) {
    watch.outer.throwIfAborted();
    throw error instanceof DownloadError ? error : broken(host, error, watch.stalled);
  } finally {
    watch.close();
  }
}

function broken(host: string, error: unknown, stalled: boolean): DownloadError {
  const { message, cause } = error as Error;
  const { code } = (cause ?? {}) as NodeJS.ErrnoException;
  const why = stalled ? 'nothing came any more' : (code ?? message);
  return new DownloadError(
    'ERR_WARMFORK_REMOTE',
    `The connection to ${host} failed (${why}): check the network and start the download again; what is here already is kept.`,
    { passing: true },
  );
}

/** Aborts when nothing happened for a while, or when the outer signal does. */
class StallWatch {
  readonly outer: AbortSignal;
  readonly #controller = new AbortController();
  readonly #limitMs: number;
  readonly #abort = (): void => this.#controller.abort();
  #timer: NodeJS.Timeout | undefined;
  stalled = false;

  constructor(outer: AbortSignal, limitMs: number) {
    this.outer = outer;
    this.#limitMs = limitMs;
    outer.addEventListener('abort', this.#abort, { once: true });
    this.restart();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  restart(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.stalled = true;
      this.#controller.abort();
    }, this.#limitMs);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.outer.removeEventListener('abort', this.#abort);
    this.#controller.abort();
  }
}
