/** A real HTTP server with one file, which can be told to misbehave. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Answers in its own way, or returns false for the ordinary answer. `n` counts the requests of this method, from 1. */
export type Misbehaviour = (
  request: IncomingMessage,
  response: ServerResponse,
  n: number,
) => boolean;

export interface ModelServerOptions {
  readonly content: Buffer;
  readonly onGet?: Misbehaviour;
  readonly onHead?: Misbehaviour;
  /** As Hugging Face does: the answer to HEAD leads elsewhere and names size and hash. */
  readonly hub?: boolean;
  readonly ranges?: boolean;
}

export class ModelServer {
  content: Buffer;
  options: ModelServerOptions;
  /** `GET 0-`, `HEAD`, … as they came. */
  readonly requests: string[] = [];
  readonly origin: string;
  readonly #server: Server;
  readonly #counts = new Map<string, number>();

  private constructor(server: Server, options: ModelServerOptions) {
    this.#server = server;
    this.options = options;
    this.content = options.content;
    this.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (request, response) => this.#answer(request, response));
  }

  static async start(options: ModelServerOptions): Promise<ModelServer> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new ModelServer(server, options);
  }

  get url(): string {
    return `${this.origin}/files/tiny.gguf`;
  }

  get sha256(): string {
    return createHash('sha256').update(this.content).digest('hex');
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { method = '', url = '' } = request;
    if (url.startsWith('/v2/')) return this.#manifest(url, response);
    this.requests.push([method, request.headers.range?.slice('bytes='.length)].join(' ').trim());
    const n = (this.#counts.get(method) ?? 0) + 1;
    this.#counts.set(method, n);
    const misbehaviour = method === 'HEAD' ? this.options.onHead : this.options.onGet;
    if (misbehaviour?.(request, response, n)) return;
    if (this.options.hub && url.includes('/resolve/')) return this.#redirect(response);
    this.#send(request, response);
  }

  #manifest(url: string, response: ServerResponse): void {
    const known = url.endsWith('/manifests/Q8_0') || url.endsWith('/manifests/latest');
    response.statusCode = known ? 200 : 404;
    response.end(JSON.stringify({ ggufFile: { rfilename: 'tiny.gguf' } }));
  }

  #redirect(response: ServerResponse): void {
    response.writeHead(302, {
      location: `${this.origin}/blob`,
      'x-linked-size': this.content.length,
      'x-linked-etag': `"${this.sha256}"`,
      'content-length': 0,
    });
    response.end();
  }

  #send(request: IncomingMessage, response: ServerResponse): void {
    const total = this.content.length;
    const start = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? Number.NaN);
    response.setHeader('etag', `"${this.sha256}"`);
    if (Number.isNaN(start) || this.options.ranges === false) {
      response.writeHead(200, { 'content-length': total });
      response.end(request.method === 'HEAD' ? undefined : this.content);
    } else if (start >= total) {
      response.writeHead(416, { 'content-range': `bytes */${total}` }).end();
    } else {
      response.writeHead(206, {
        'content-length': total - start,
        'content-range': `bytes ${start}-${total - 1}/${total}`,
      });
      response.end(this.content.subarray(start));
    }
  }
}

/** Sends some bytes of what was asked for, then ends the connection. */
export function cutAfter(server: () => ModelServer, bytes: number): Misbehaviour {
  return (request, response) => {
    sendSome(server().content, request, response, bytes, () => response.destroy());
    return true;
  };
}

/** Sends some bytes of what was asked for, then nothing more. */
export function stallAfter(server: () => ModelServer, bytes: number): Misbehaviour {
  return (request, response) => {
    sendSome(server().content, request, response, bytes, () => undefined);
    return true;
  };
}

function sendSome(
  content: Buffer,
  request: IncomingMessage,
  response: ServerResponse,
  bytes: number,
  then: () => void,
): void {
  const total = content.length;
  const start = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
  response.writeHead(start > 0 ? 206 : 200, {
    'content-length': total - start,
    ...(start > 0 && { 'content-range': `bytes ${start}-${total - 1}/${total}` }),
  });
  response.write(content.subarray(start, start + bytes), () => then());
}
