import { refusal } from './answers.ts';
import type { Http } from './http.ts';

/** What a server says about a file before it is loaded. */
export interface RemoteFacts {
  readonly totalBytes: number | undefined;
  readonly sha256: string | undefined;
  /** Changes when the file does; undefined: cannot be told. */
  readonly identity: string | undefined;
}

const maxRedirects = 8;

/**
 * Asks without loading. Hugging Face names size and SHA-256 in the answer that leads to where the file is, so redirects
 * are followed by hand. A server that does not know `HEAD` tells nothing here. Throws a `DownloadError`.
 */
export async function remoteFacts(url: string, http: Http): Promise<RemoteFacts> {
  let here = url;
  const linked = new Headers();
  for (let i = 0; i <= maxRedirects; i++) {
    const request = { method: 'HEAD', redirect: 'manual', why: 'size and checksum' } as const;
    const { response, close } = await http.send(here, request);
    close();
    for (const [name, value] of response.headers) {
      if (name.startsWith('x-linked-')) linked.set(name, value);
    }
    const next = response.headers.get('location');
    const isRedirect = response.status >= 300 && response.status < 400 && next !== null;
    if (!isRedirect)
      return response.ok ? factsOf(linked, response.headers) : factsless(here, response.status);
    here = new URL(next, here).href;
  }
  throw refusal(url, 310);
}

function factsOf(linked: Headers, last: Headers): RemoteFacts {
  const hash = unquoted(linked.get('x-linked-etag'));
  const identity = hash ?? unquoted(last.get('etag')) ?? last.get('last-modified');
  return {
    totalBytes: size(linked.get('x-linked-size')) ?? size(last.get('content-length')),
    sha256: hash !== undefined && /^[\da-f]{64}$/i.test(hash) ? hash.toLowerCase() : undefined,
    identity: identity ?? undefined,
  };
}

/** Some servers answer only `GET`. */
function factsless(url: string, status: number): RemoteFacts {
  if ([405, 501].includes(status)) {
    return { totalBytes: undefined, sha256: undefined, identity: undefined };
  }
  throw refusal(url, status);
}

function unquoted(etag: string | null): string | undefined {
  return etag?.replace(/^(W\/)?"|"$/g, '');
}

function size(text: string | null): number | undefined {
  return text !== null && /^\d+$/.test(text) ? Number(text) : undefined;
}
