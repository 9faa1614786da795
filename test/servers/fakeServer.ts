/** A small server that answers as it is told: an OpenAI-compatible one that also errs, stalls, cuts and talks nonsense. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Readonly<Record<string, unknown>>;
}

export type Answerer = (response: ServerResponse, asked: Asked) => void;

export class FakeServer {
  /** Requests in their order, those for models left out. */
  readonly asked: Asked[] = [];
  /** How often it was asked what it is. */
  lookedAt = 0;
  connections = 0;
  port = 0;
  /** To what only a llama-server knows. */
  propsStatus = 404;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #next: Answerer[] = [];
  #always: Answerer = (response, { path }) => says(path, 'hello')(response);
  #closed: (() => void)[] = [];
  readonly #heard: (() => void)[] = [];

  private constructor(server: Server) {
    this.#server = server;
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      void this.#serve(request, response);
    });
    server.on('connection', (socket: Socket) => {
      this.connections++;
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  static async start(tls?: { readonly key: string; readonly cert: string }): Promise<FakeServer> {
    const server = tls === undefined ? createServer() : createSecureServer(tls);
    const fake = new FakeServer(server);
    await fake.listen(0);
    return fake;
  }

  async listen(port: number): Promise<void> {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.port = (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Each of these answers one request; then {@link always} does. */
  next(...answerers: readonly Answerer[]): void {
    this.#next.push(...answerers);
  }

  always(answerer: Answerer): void {
    this.#always = answerer;
  }

  /** Resolves when so many requests have come. */
  async wasAsked(times: number): Promise<void> {
    while (this.asked.length < times)
      await new Promise<void>((resolve) => this.#heard.push(resolve));
  }

  /** Resolves when the other side has closed a request before it was answered. */
  requestClosed(): Promise<void> {
    return new Promise((resolve) => this.#closed.push(resolve));
  }

  /** As a server that restarts, or tires of connections that are kept. */
  dropConnections(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    this.dropConnections();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    request.setEncoding('utf8');
    for await (const chunk of request) text += chunk as string;
    const { method = '', url: path = '', headers } = request;
    const body = (text === '' ? {} : JSON.parse(text)) as Asked['body'];
    response.on('close', () => {
      if (!response.writableFinished) for (const heard of this.#closed.splice(0)) heard();
    });
    if (path.endsWith('/props')) return json(response, this.propsStatus, { error: 'no such path' });
    if (path.endsWith('/v1/models')) {
      this.lookedAt++;
      return json(response, 200, { data: [{ id: 'fake-qwen', max_model_len: 8192 }] });
    }
    const asked = { method, path, headers, body };
    this.asked.push(asked);
    for (const heard of this.#heard.splice(0)) heard();
    (this.#next.shift() ?? this.#always)(response, asked);
  }
}

export function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
}

export function event(response: ServerResponse, value: unknown): void {
  response.write(`data: ${JSON.stringify(value)}\n\n`);
}

export function stream(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.flushHeaders();
}

function piece(path: string, text: string): unknown {
  return path.includes('chat')
    ? { choices: [{ delta: { content: text } }] }
    : { choices: [{ text }] };
}

export interface Thought {
  readonly thought: string;
}

function thought({ thought: text }: Thought): unknown {
  return { choices: [{ delta: { reasoning_content: text } }] };
}

/** A whole answer, one event for each text. */
export function says(
  path: string,
  ...texts: readonly (string | Thought)[]
): (response: ServerResponse) => void {
  return (response) => {
    stream(response);
    for (const text of texts)
      event(response, typeof text === 'string' ? piece(path, text) : thought(text));
    event(response, { choices: [{ finish_reason: 'stop' }] });
    event(response, {
      choices: [],
      usage: {
        prompt_tokens: 20,
        completion_tokens: 3,
        prompt_tokens_details: { cached_tokens: 16 },
      },
    });
    response.end('data: [DONE]\n\n');
  };
}

/** Begins an answer, and leaves the rest to `then`. */
export function begins(text: string, then: (response: ServerResponse) => void): Answerer {
  return (response, { path }) => {
    stream(response);
    response.write(`data: ${JSON.stringify(piece(path, text))}\n\n`, () => then(response));
  };
}
