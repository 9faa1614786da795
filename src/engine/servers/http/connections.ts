/** Connections to one server: kept open between requests, through a proxy where there is one. */
import { readFileSync } from 'node:fs';
import { Agent as HttpAgent, request as httpRequest, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Duplex } from 'node:stream';
import { connect as tlsConnect, rootCertificates, type ConnectionOptions } from 'node:tls';
import { ServerError } from '../serverError.ts';
import { proxyFor, type ProxyOptions } from './proxy.ts';

export interface ConnectionsOptions extends ProxyOptions {
  /** Empty: only the usual authorities are trusted. */
  readonly caFile: string;
}

export interface Connections {
  /** Opens a request to `path` below the server's address. */
  readonly request: (options: RequestOptions) => ReturnType<typeof httpRequest>;
  close(): void;
}

/** Throws a {@link ServerError} for a file of certificates that cannot be read, or a proxy's address that is none. */
export function openConnections(base: URL, options: ConnectionsOptions): Connections {
  const proxy = readProxy(base, options);
  if (base.protocol === 'https:') return secure(base, proxy, options);
  const agent = new HttpAgent({ keepAlive: true });
  const close = (): void => agent.destroy();
  if (proxy === undefined)
    return { close, request: (own) => httpRequest({ ...hostOf(base), ...own, agent }) };
  const headersFor = ({ headers }: RequestOptions) => ({
    ...(headers as Record<string, string>),
    host: base.host,
    ...authorization(proxy),
  });
  return {
    close,
    request: (own) =>
      httpRequest({
        ...{ ...hostOf(proxy), ...own, agent, headers: headersFor(own) },
        path: `${base.origin}${own.path ?? '/'}`,
      }),
  };
}

function secure(base: URL, proxy: URL | undefined, options: ConnectionsOptions): Connections {
  const ca = readAuthorities(options.caFile);
  const settings = { keepAlive: true, ...(ca && { ca }) };
  const agent = proxy === undefined ? new HttpsAgent(settings) : new TunnelAgent(proxy, settings);
  return {
    close: () => agent.destroy(),
    request: (own) => httpsRequest({ ...hostOf(base), ...own, agent }),
  };
}

/** Through a proxy that only passes on what it cannot read. */
class TunnelAgent extends HttpsAgent {
  readonly #proxy: URL;

  constructor(proxy: URL, options: ConstructorParameters<typeof HttpsAgent>[0]) {
    super(options);
    this.#proxy = proxy;
  }

  override createConnection(
    options: ConnectionOptions & { readonly host?: string; readonly port?: number | string },
    done?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    const fail = (error: Error): void => done?.(error, undefined as unknown as Duplex);
    const target = `${options.host ?? ''}:${options.port ?? 443}`;
    const request = this.#proxy.protocol === 'https:' ? httpsRequest : httpRequest;
    const asked = request({
      ...hostOf(this.#proxy),
      method: 'CONNECT',
      path: target,
      headers: { host: target, ...authorization(this.#proxy) },
      agent: false,
    });
    asked.once('connect', ({ statusCode }, socket) => {
      if (statusCode === 200) return done?.(null, tlsConnect({ ...options, socket }));
      socket.destroy();
      const { host } = this.#proxy;
      fail(
        new Error(`the proxy ${host} answered ${statusCode ?? 'nothing'} when asked for ${target}`),
      );
    });
    asked.once('error', fail);
    asked.end();
  }
}

function hostOf(url: URL): RequestOptions {
  const { hostname, port, protocol } = url;
  const standard = protocol === 'https:' ? 443 : 80;
  return { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? standard : Number(port) };
}

function authorization({ username, password }: URL): Record<string, string> {
  if (username === '') return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}

function readProxy(base: URL, options: ConnectionsOptions): URL | undefined {
  try {
    return proxyFor(base, options);
  } catch {
    throw new ServerError(
      'refused',
      'The proxy has an address that cannot be read; see http.proxy and HTTPS_PROXY.',
    );
  }
}

function readAuthorities(file: string): string[] | undefined {
  if (file === '') return undefined;
  try {
    return [...rootCertificates, readFileSync(file, 'utf8')];
  } catch (error) {
    throw new ServerError(
      'refused',
      `warmfork.server.caFile names ${file}, which cannot be read: ${(error as Error).message}.`,
      { cause: error },
    );
  }
}
