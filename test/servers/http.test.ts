/** What a server may do to a request, and what becomes of it: words, retries, counters. No pause takes time here. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, request as httpRequest } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HttpClient, type HttpClientOptions } from '../../src/engine/servers/http/httpClient.ts';
import { proxyFor } from '../../src/engine/servers/http/proxy.ts';
import {
  chatRetries,
  completionRetries,
  retryAfterMs,
} from '../../src/engine/servers/http/retry.ts';
import { events } from '../../src/engine/servers/http/sse.ts';
import { pieces } from '../../src/engine/servers/openAi.ts';
import { readAnswer } from '../../src/engine/servers/answer.ts';
import { ServerError } from '../../src/engine/servers/serverError.ts';
import { begins, FakeServer, json, stream } from './fakeServer.ts';
import { ManualClock } from './manualClock.ts';

const chat = '/v1/chat/completions';
const never = new AbortController().signal;

let server: FakeServer;
let clock: ManualClock;
let client: HttpClient;

function newClient(change: Partial<HttpClientOptions> = {}): HttpClient {
  const options = {
    url: server.url,
    allowKeyOverHttp: false,
    silenceMs: 20_000,
    proxy: '',
    noProxy: [],
  };
  return new HttpClient({ ...options, caFile: '', clock, ...change });
}

beforeEach(async () => {
  server = await FakeServer.start();
  clock = new ManualClock();
  client = newClient();
});

afterEach(async () => {
  client.close();
  await server.stop();
});

/** The text of an answer, asked for as the chat does. */
async function ask(signal = never, from = client): Promise<string> {
  const events = from.events({ path: chat, body: { a: 1 }, signal, retry: chatRetries });
  const { text } = await readAnswer(pieces(events, from.host), {
    ...{ startedMs: 0, takesCut: false, stop: () => false, onText: () => undefined },
  });
  return text;
}

async function failure(work: Promise<unknown>): Promise<ServerError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ServerError);
  return error as ServerError;
}

describe('an error answer', () => {
  it.each([
    [400, { error: { message: 'prompt too long' } }, 'request', 'answered 400: prompt too long.'],
    [401, { error: 'bad key' }, 'refused', 'does not accept the key (401: bad key)'],
    [404, { detail: [{ msg: 'no such model' }] }, 'request', 'answered 404: no such model.'],
    [422, { message: 'odd' }, 'request', 'answered 422: odd.'],
  ] as const)('%i is given in words, once', async (status, body, fault, words) => {
    server.next((response) => json(response, status, body));
    const error = await failure(ask());
    expect(error).toMatchObject({ fault, status });
    expect(error.message).toContain(`127.0.0.1:${server.port} ${words}`);
    expect(client.counters).toEqual({ sent: 1, retried: 0, reconnected: 0 });
  });

  it('that is a page of HTML is told by its title', async () => {
    server.next((response) => {
      response.writeHead(403, { 'content-type': 'text/html' });
      response.end('<html><head><title>Sign in</title></head><body>long</body></html>');
    });
    expect((await failure(ask())).message).toContain('(403: Sign in)');
  });

  it('never repeats the key', async () => {
    client = newClient({ key: 'sk-very-secret' });
    server.next((response, { headers }) => {
      json(response, 401, { error: `wrong: ${headers.authorization ?? 'none'}` });
    });
    const { message } = await failure(ask());
    expect(message).toContain('Bearer …');
    expect(message).not.toContain('secret');
  });

  it('500 and 503 are tried again, later each time; then the text comes, once', async () => {
    const busy = (status: number) => (response: Parameters<typeof json>[0]) =>
      json(response, status, { error: { message: 'Loading model' } });
    server.next(busy(500), busy(503));
    expect(await ask()).toBe('hello');
    expect(clock.pauses).toEqual([500, 1000]);
    expect(client.counters).toEqual({ sent: 3, retried: 2, reconnected: 0 });
  });

  it('500 for ever is an end', async () => {
    server.always((response) => json(response, 500, { error: 'broken' }));
    expect(await failure(ask())).toMatchObject({ fault: 'away', status: 500 });
    expect(server.asked).toHaveLength(chatRetries.attempts);
  });

  it('429 is obeyed for as long as somebody may wait, and no longer', async () => {
    const after = (seconds: string) => (response: Parameters<typeof json>[0]) => {
      response.writeHead(429, { 'retry-after': seconds });
      response.end('slow down');
    };
    server.next(after('7'));
    expect(await ask()).toBe('hello');
    expect(clock.pauses).toEqual([7000]);
    server.next(after('3600'));
    expect(await failure(ask())).toMatchObject({ retryAfterMs: 3_600_000, fault: 'away' });
    expect(clock.pauses).toEqual([7000]);
    expect(retryAfterMs('Thu, 01 Jan 1970 00:00:09 GMT', 4000)).toBe(5000);
  });
});

describe('a stream', () => {
  it('comes in pieces, however the bytes are cut', async () => {
    server.next((response) => {
      stream(response);
      const bytes = Buffer.from(
        `: hi\r\n\r\ndata: ${JSON.stringify({ choices: [{ delta: { content: 'grüß dich' } }] })}\r\n\r\n` +
          `data:{"choices":[{"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n`,
      );
      for (const byte of bytes) response.write(Buffer.from([byte]));
      response.end();
    });
    expect(await ask()).toBe('grüß dich');
  });

  it('that is cut in the middle is an error, and is not asked for again', async () => {
    server.next(begins('half', (response) => response.destroy()));
    expect(await failure(ask())).toMatchObject({ fault: 'cut' });
    expect(client.counters.sent).toBe(1);
  });

  it('that ends without saying so is cut as well', async () => {
    server.next(begins('half', (response) => response.end()));
    expect((await failure(ask())).message).toContain('ended within its answer');
  });

  it('that falls silent is given up, and closed', async () => {
    client = newClient({ silenceMs: 40 });
    const closed = server.requestClosed();
    server.next(begins('half', () => undefined));
    expect(await failure(ask())).toMatchObject({ fault: 'cut' });
    await closed;
  });

  it.each(['data: {"choices": [\n\n', 'data: nonsense\n\n'])(
    'of %j is not understood',
    async (text) => {
      server.next((response) => {
        stream(response);
        response.end(text);
      });
      expect(await failure(ask())).toMatchObject({ fault: 'broken' });
    },
  );

  it('tells of an error within it', async () => {
    server.next((response) => {
      stream(response);
      response.end('data: {"error":{"message":"out of memory"}}\n\n');
    });
    expect((await failure(ask())).message).toContain('out of memory');
  });

  it('reads one line over many chunks', async () => {
    async function* chunks() {
      yield* ['da', 'ta: {"a"', ':1}', '\r', '\ndata: {"b":2}'];
    }
    const all: unknown[] = [];
    for await (const value of events(chunks(), 'x')) all.push(value);
    expect(all).toEqual([{ a: 1 }, { b: 2 }]);
  });
});

describe('a request', () => {
  it('that is cancelled is closed on the side of the server, before and within the answer', async () => {
    for (const answerer of [() => undefined, begins('some', () => undefined)]) {
      const cancel = new AbortController();
      const reason = new Error('typed on');
      const closed = server.requestClosed();
      server.next((response, asked) => {
        answerer(response, asked);
        setImmediate(() => cancel.abort(reason));
      });
      await expect(ask(cancel.signal)).rejects.toBe(reason);
      await closed;
    }
    expect(client.counters.retried).toBe(0);
  });

  it('whose reader has enough is closed on the side of the server', async () => {
    const closed = server.requestClosed();
    server.next(begins('enough', () => undefined));
    const read = await readAnswer(
      pieces(client.events({ path: chat, body: {}, signal: never }), client.host),
      { startedMs: 0, takesCut: true, stop: (text) => text === 'enough', onText: () => undefined },
    );
    expect(read).toMatchObject({ text: 'enough', stopReason: 'stop' });
    await closed;
  });

  it('that is cancelled in the pause before another attempt is not made again', async () => {
    clock = new ManualClock(0);
    client = newClient();
    const cancel = new AbortController();
    server.always((response) => {
      json(response, 503, {});
      response.on('close', () => cancel.abort(new Error('gone')));
    });
    await expect(ask(cancel.signal)).rejects.toThrow('gone');
    expect(server.asked).toHaveLength(1);
  });

  it('is made again at once when a kept connection was closed meanwhile', async () => {
    expect(await ask()).toBe('hello');
    expect(await ask()).toBe('hello');
    expect(server.connections).toBe(1);
    server.next((response) => response.destroy()); // as if it had been closed just now
    expect(await ask()).toBe('hello');
    expect(client.counters).toEqual({ sent: 4, retried: 0, reconnected: 1 });
    expect(clock.pauses).toEqual([]);
  });

  it('to a server that never answers is given up', async () => {
    client = newClient({ silenceMs: 30 });
    server.always(() => undefined);
    const error = await failure(client.json({ path: '/v1/completions', body: {}, signal: never }));
    expect(error.message).toBe(`127.0.0.1:${server.port} did not answer within 0.03 s.`);
  });

  it('to nobody says so, after as many attempts as somebody who types waits for', async () => {
    await server.stop();
    const error = await failure(
      client.json({ path: '/v1/completions', body: {}, signal: never, retry: completionRetries }),
    );
    expect(error.message).toMatch(/^Nothing listens on 127\.0\.0\.1:\d+; is the server started/);
    expect(client.counters.sent).toBe(completionRetries.attempts);
  });

  it.each(['', 'localhost:80', 'ftp://a', 'http://'])('to %j is refused', (url) => {
    expect(() => newClient({ url })).toThrow('is no address of a server');
  });

  it('sends a key to this machine, over TLS, or where somebody allows it, and nowhere else', async () => {
    client = newClient({ key: 'k' });
    await ask();
    expect(server.asked[0]?.headers.authorization).toBe('Bearer k');
    const open = newClient({ key: 'k', url: 'http://gpu.example:8000' });
    expect((await failure(ask(never, open))).message).toContain('is not encrypted. Use https://');
    expect(open.counters.sent).toBe(0);
  });
});

describe('TLS', () => {
  const read = (name: string): string =>
    readFileSync(join(import.meta.dirname, 'certificates', name), 'utf8');
  const authority = join(import.meta.dirname, 'certificates', 'authority.pem');

  async function over(name: string, caFile = authority): Promise<string | ServerError> {
    const secure = await FakeServer.start({ key: read(`${name}.key`), cert: read(`${name}.pem`) });
    const over = newClient({ url: `https://localhost:${secure.port}/v1/`, caFile });
    try {
      return await ask(never, over).catch((error: unknown) => error as ServerError);
    } finally {
      over.close();
      await secure.stop();
    }
  }

  it('with an authority that is trusted works', async () => {
    expect(await over('localhost')).toBe('hello');
  });

  it.each([
    ['localhost', '', /from an authority that is not trusted; set warmfork\.server\.caFile/],
    ['selfSigned', '', /is self-signed and not trusted; set warmfork\.server\.caFile/],
    ['expired', authority, /has expired; it has to be renewed/],
    ['elsewhere', authority, /is not made out to localhost:\d+/],
    ['localhost', '/no/such/file', /caFile names \/no\/such\/file, which cannot be read/],
  ])('of %s with authority %j is refused in words', async (name, caFile, words) => {
    const error = await over(name, caFile);
    expect(error).toBeInstanceOf(ServerError);
    expect((error as ServerError).message).toMatch(words);
  });

  it('that a server does not speak is said', async () => {
    const error = await failure(ask(never, newClient({ url: `https://127.0.0.1:${server.port}` })));
    expect(error.message).toContain('does not speak TLS; write http://');
  });

  it('goes through a proxy that cannot read it', async () => {
    const secure = await FakeServer.start({
      key: read('localhost.key'),
      cert: read('localhost.pem'),
    });
    const seen: string[] = [];
    const proxy = createServer();
    proxy.on('connect', ({ url = '', headers }, socket) => {
      seen.push(`${url} ${headers['proxy-authorization'] ?? ''}`);
      const through = connect(secure.port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        through.pipe(socket).pipe(through);
      });
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const { port } = proxy.address() as AddressInfo;
    // A name that only the proxy knows.
    const target = newClient({
      ...{ url: 'https://gpu.example:8443', caFile: authority },
      proxy: `http://me:pass@127.0.0.1:${port}`,
    });
    const error = await failure(ask(never, target));
    expect(error.message).toContain('is not made out to gpu.example:8443');
    expect(seen[0]).toBe(`gpu.example:8443 Basic ${Buffer.from('me:pass').toString('base64')}`);
    target.close();
    await secure.stop();
    proxy.closeAllConnections();
    proxy.close();
  });
});

describe('a proxy', () => {
  it('gets requests without TLS whole', async () => {
    const seen: string[] = [];
    const proxy = createServer((request, response) => {
      seen.push(request.url ?? '');
      const passed = httpRequest(
        { port: server.port, path: chat, method: request.method, headers: request.headers },
        (answer) => {
          response.writeHead(answer.statusCode ?? 0, answer.headers);
          answer.pipe(response);
        },
      );
      request.pipe(passed);
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const { port } = proxy.address() as AddressInfo;
    const through = newClient({ url: 'http://gpu.example', proxy: `127.0.0.1:${port}` });
    expect(await ask(never, through)).toBe('hello');
    expect(seen).toEqual([`http://gpu.example${chat}`]);
    through.close();
    proxy.closeAllConnections();
    proxy.close();
  });

  it.each([
    ['https://a.example', { HTTPS_PROXY: 'http://p:1' }, '', [], 'http://p:1/'],
    ['http://a.example', { HTTPS_PROXY: 'http://p:1' }, '', [], undefined],
    ['http://a.example', { http_proxy: 'p:1' }, '', [], 'http://p:1/'],
    ['http://a.example', { http_proxy: 'p:1' }, 'http://q:2', [], 'http://q:2/'],
    ['http://a.example', { http_proxy: 'p:1', NO_PROXY: '.example' }, '', [], undefined],
    ['http://a.example', { http_proxy: 'p:1', NO_PROXY: 'b.example, *' }, '', [], undefined],
    ['http://a.example:8', { http_proxy: 'p:1', NO_PROXY: 'a.example:9' }, '', [], 'http://p:1/'],
    ['http://a.example', { http_proxy: 'p:1' }, '', ['a.example'], undefined],
    ['http://a.example', { http_proxy: 'p:1' }, null, [], undefined],
    ['http://localhost:1', { http_proxy: 'p:1' }, 'q:2', [], undefined],
    ['http://[::1]:1', { http_proxy: 'p:1' }, '', [], undefined],
  ])('for %s with %j, set %j, not for %j is %s', (url, env, proxy, noProxy, expected) => {
    expect(proxyFor(new URL(url), { proxy, noProxy, env })?.href).toBe(expected);
  });
});
