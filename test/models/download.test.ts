/** Downloads against a real server on this machine, well-behaved and not. */
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { requireSpace } from '../../src/models/download/diskSpace.ts';
import { download, type DownloadOptions } from '../../src/models/download/download.ts';
import { unfinishedDownloads } from '../../src/models/download/unfinished.ts';
import type { DownloadProgress, DownloadResult } from '../../src/protocol/models.ts';
import { ggufBytes } from './ggufFile.ts';
import { cutAfter, ModelServer, type ModelServerOptions, stallAfter } from './modelServer.ts';

const content = ggufBytes({ blocks: 20_000 });
const other = ggufBytes({ blocks: 20_000, filler: 9 });
const third = Math.floor(content.length / 3);

let folder = '';
let server: ModelServer;
let progress: DownloadProgress[] = [];
let contacted: string[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'warmfork-download-'));
  progress = [];
  contacted = [];
});
afterEach(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

async function serve(options: Partial<ModelServerOptions> = {}): Promise<void> {
  server = await ModelServer.start({ content, ...options });
}

function load(options: Partial<DownloadOptions> = {}): Promise<DownloadResult> {
  return download({
    reference: server.url,
    folder,
    env: { HF_ENDPOINT: server.origin },
    signal: new AbortController().signal,
    onProgress: (one) => progress.push(one),
    onContact: (host) => contacted.push(host),
    stallMs: 300,
    wait: async () => undefined,
    ...options,
  });
}

async function sentence(options: Partial<DownloadOptions> = {}): Promise<string> {
  const result = await load(options);
  return result.kind === 'failed' ? result.sentence : result.kind;
}

/** Files in the folder of downloads, by name and size. */
async function files(): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    found[entry.name] = (await readFile(join(entry.parentPath, entry.name))).length;
  }
  return found;
}

/** Whether the file in place has these bytes. */
async function has(result: DownloadResult, bytes: Buffer): Promise<boolean> {
  if (result.kind !== 'done') throw new Error(JSON.stringify(result));
  return (await readFile(result.file.path)).equals(bytes);
}

describe('a download', () => {
  it('puts the file into place, tells its progress and whom it talks to', async () => {
    await serve();
    const result = await load();
    expect(await has(result, content)).toBe(true);
    expect(await files()).toEqual({ 'tiny.gguf': content.length });
    expect(progress.at(0)?.kind).toBe('connecting');
    expect(progress.at(-1)).toMatchObject({ kind: 'checking', doneBytes: content.length });
    expect(new Set(contacted)).toEqual(new Set([new URL(server.origin).host]));
    // A second one needs no network.
    const requests = server.requests.length;
    expect(await load()).toEqual(result);
    expect(server.requests).toHaveLength(requests);
  });

  it.each(['hf:me/tiny-gguf:Q8_0', 'me/tiny-gguf', 'hf:me/tiny-gguf/tiny.gguf'])(
    'of %s is resolved, and its checksum compared',
    async (reference) => {
      await serve({ hub: true });
      const result = await load({ reference });
      expect(await has(result, content)).toBe(true);
      expect(result).toMatchObject({ file: { path: join(folder, 'me_tiny-gguf', 'tiny.gguf') } });
    },
  );

  it('whose bytes do not have the checksum is removed', async () => {
    await serve({ hub: true });
    server.options = {
      ...server.options,
      onGet: (_request, response) => (
        response.writeHead(200, { 'content-length': other.length }).end(other),
        true
      ),
    };
    expect(await sentence({ reference: 'me/tiny-gguf' })).toMatch(
      /"tiny\.gguf" came damaged, its checksum is wrong: download it again/,
    );
    expect(await files()).toEqual({});
  });

  it('of a split model has all parts or none', async () => {
    await serve();
    const reference = `${server.origin}/files/m-00001-of-00003.gguf`;
    server.options = {
      ...server.options,
      onGet: (request, response) =>
        Boolean(request.url?.includes('-00003-')) && (response.writeHead(404).end(), true),
    };
    expect(await sentence({ reference })).toMatch(/no such model/);
    expect(Object.keys(await files()).filter((name) => name.endsWith('.gguf'))).toEqual([]);
    server.options = { content };
    const result = await load({ reference });
    expect(result).toMatchObject({ file: { parts: 3, sizeBytes: 3 * content.length } });
    expect(Object.keys(await files()).sort()).toEqual(
      [1, 2, 3].map((part) => `m-0000${part}-of-00003.gguf`),
    );
  });

  it('goes on after every cut', async () => {
    await serve();
    const cut = cutAfter(() => server, third);
    server.options = {
      content,
      onGet: (request, response, n) => n <= 2 && cut(request, response, n),
    };
    expect(await has(await load(), content)).toBe(true);
    const gets = server.requests.filter((request) => request.startsWith('GET'));
    expect(gets).toHaveLength(3);
    expect(gets[0]).toBe('GET');
    expect(gets.slice(1).every((get) => /^GET [1-9]\d*-$/.test(get))).toBe(true);
    expect(progress.some(({ kind }) => kind === 'retrying')).toBe(true);
  });

  it('goes on after a stall', async () => {
    await serve();
    const stall = stallAfter(() => server, third);
    server.options = {
      content,
      onGet: (request, response, n) => n === 1 && stall(request, response, n),
    };
    expect(await has(await load(), content)).toBe(true);
    expect(server.requests.filter((request) => request.startsWith('GET'))).toEqual([
      'GET',
      `GET ${third}-`,
    ]);
  });

  it('gives up when nothing comes, keeps what is there, and is taken up later', async () => {
    await serve();
    const stall = stallAfter(() => server, third);
    let n = 0;
    server.options = {
      content,
      onGet: (request, response) => (n++ === 0 ? stall(request, response, n) : true),
    };
    expect(await sentence({ stallMs: 100 })).toMatch(
      /connection to .* failed \(nothing came any more\): check the network .* kept/,
    );
    expect(await files()).toMatchObject({ 'tiny.gguf.part': third });
    expect(await unfinishedDownloads(folder)).toEqual([
      {
        reference: server.url,
        fileName: join(new URL(server.url).host.replace(':', '_'), 'tiny.gguf'),
        doneBytes: third,
        totalBytes: content.length,
      },
    ]);
    server.options = { content };
    expect(await has(await load(), content)).toBe(true);
    expect(server.requests.at(-1)).toBe(`GET ${third}-`);
    expect(await unfinishedDownloads(folder)).toEqual([]);
  });

  it('can be cancelled and taken up', async () => {
    await serve();
    const stall = stallAfter(() => server, third);
    server.options = {
      content,
      onGet: (request, response, n) => n === 1 && stall(request, response, n),
    };
    const controller = new AbortController();
    const result = load({
      stallMs: 60_000,
      signal: controller.signal,
      onProgress: ({ kind }) => kind === 'downloading' && controller.abort(),
    });
    expect(await result).toEqual({ kind: 'cancelled' });
    const part = (await files())['tiny.gguf.part']!;
    expect(part).toBeGreaterThan(0);
    expect(await has(await load(), content)).toBe(true);
    expect(server.requests.at(-1)).toBe(`GET ${part}-`);
  });

  it('starts over where the server ignores ranges', async () => {
    await serve({ ranges: false });
    const cut = cutAfter(() => server, third);
    server.options = {
      ...server.options,
      onGet: (request, response, n) => {
        delete request.headers.range;
        return n === 1 && cut(request, response, n);
      },
    };
    expect(await has(await load(), content)).toBe(true);
  });

  it('starts over when the file changes between two parts', async () => {
    await serve();
    const cut = cutAfter(() => server, third);
    server.options = {
      content,
      onGet: (request, response, n) => {
        if (n > 1) return false;
        response.setHeader('etag', `"${server.sha256}"`);
        cut(request, response, n);
        server.content = other;
        return true;
      },
    };
    expect(await has(await load(), other)).toBe(true);
  });

  it('starts over when the file has changed since the window was closed', async () => {
    await serve();
    const cut = cutAfter(() => server, third);
    server.options = {
      content,
      onGet: (request, response, n) =>
        n === 1 ? cut(request, response, n) : (response.destroy(), true),
    };
    expect(await sentence()).toMatch(/failed/);
    expect(await files()).toMatchObject({ 'tiny.gguf.part': third });
    server.content = other;
    server.options = { content: other };
    expect(await has(await load(), other)).toBe(true);
    expect(server.requests.at(-1)).toBe('GET');
  });

  it('starts over when a part has no note that says what it is of', async () => {
    await serve();
    const place = join(folder, new URL(server.url).host.replace(':', '_'));
    await mkdir(place);
    await writeFile(join(place, 'tiny.gguf.part'), 'something else');
    await writeFile(join(place, 'tiny.gguf.part.json'), '{"reference":');
    expect(await has(await load(), content)).toBe(true);
  });

  it('works without HEAD and without a length', async () => {
    await serve({
      onHead: (_request, response) => (response.writeHead(405).end(), true),
      onGet: (_request, response) => (response.writeHead(200).end(content), true),
    });
    expect(await has(await load(), content)).toBe(true);
  });

  it('does not run twice at a time', async () => {
    await serve();
    const stall = stallAfter(() => server, third);
    server.options = {
      content,
      onGet: (request, response, n) => n === 1 && stall(request, response, n),
    };
    const controller = new AbortController();
    let second: Promise<string> | undefined;
    const first = load({
      stallMs: 60_000,
      signal: controller.signal,
      onProgress: ({ kind }) => {
        if (kind === 'downloading') second ??= sentence();
        void second?.then(() => controller.abort());
      },
    });
    await first;
    expect(await second).toMatch(/is being downloaded by another window/);
    expect(await has(await load(), content)).toBe(true);
  });
});

describe('a server that', () => {
  it('promises more than it has is found out', async () => {
    await serve({
      onHead: (_request, response) => (
        response.writeHead(200, { 'content-length': content.length + 9 }).end(),
        true
      ),
      onGet: (request, response) => {
        const start = Number(/\d+/.exec(request.headers.range ?? '0')?.[0]);
        const total = content.length + 9;
        response.writeHead(start > 0 ? 206 : 200, {
          'content-length': total - start,
          ...(start > 0 && { 'content-range': `bytes ${start}-${total - 1}/${total}` }),
        });
        response.write(content.subarray(start), () => response.destroy());
        return true;
      },
    });
    expect(await sentence()).toMatch(/failed|did not send the whole file/);
    expect(Object.keys(await files())).not.toContain('tiny.gguf');
  });

  it('promises less than it has is found out', async () => {
    const cut = content.subarray(0, content.length - 100);
    await serve({ content: cut });
    expect(await sentence()).toMatch(/cannot be used\. "tiny\.gguf" is cut off/);
    expect(await files()).toEqual({});
  });

  it('names two sizes is found out', async () => {
    await serve({
      onHead: (_request, response) => (
        response.writeHead(200, { 'content-length': 1000 }).end(),
        true
      ),
    });
    expect(await sentence()).toMatch(/did not send the whole file \(it names another size/);
  });

  it('sends a page instead of a model is found out', async () => {
    await serve({ content: Buffer.from('<!doctype html>'.repeat(1000)) });
    expect(await sentence()).toMatch(/does not begin with "GGUF"/);
    expect(await files()).toEqual({});
  });

  it.each([
    [404, /has no such model or quantisation \(404\): check the reference/],
    [401, /without an account \(401\): accept its license there and set HF_TOKEN/],
    [403, /without an account \(403\)/],
    [416, /did not send the whole file \(it has no such part\)/],
    [500, /has a problem \(500\): try again later/],
    [429, /asks to wait \(429\): try again later/],
  ])('answers %i gets one sentence', async (status, expected) => {
    await serve({ onGet: (_request, response) => (response.writeHead(status).end(), true) });
    expect(await sentence()).toMatch(expected);
    await server.stop();
    await serve({ onHead: (_request, response) => (response.writeHead(status).end(), true) });
    if (status !== 416) expect(await sentence()).toMatch(expected);
  });

  it('has a problem for a moment only is asked again', async () => {
    await serve({
      onHead: (_request, response, n) => n === 1 && (response.writeHead(503).end(), true),
      onGet: (_request, response, n) => n <= 3 && (response.writeHead(500).end(), true),
    });
    expect(await has(await load(), content)).toBe(true);
  });

  it('has no such quantisation, or is not there, gets one sentence', async () => {
    await serve();
    expect(await sentence({ reference: 'me/tiny:Q2_K' })).toMatch(/quantisation \(404\)/);
    await server.stop();
    expect(await sentence()).toMatch(/failed \(ECONNREFUSED\): check the network/);
    await serve();
  });

  it('gets the token only if it is the one the token is for', async () => {
    const tokens: (string | undefined)[] = [];
    await serve({
      hub: true,
      onHead: (request) => (tokens.push(request.headers.authorization), false),
    });
    const env = { HF_ENDPOINT: server.origin, HF_TOKEN: 'hf_x' };
    await load({ reference: 'me/tiny-gguf', env });
    expect(tokens[0]).toBe('Bearer hf_x');
    tokens.length = 0;
    await rm(folder, { recursive: true });
    await load({ env: { ...env, HF_ENDPOINT: 'http://localhost:1' } });
    expect(tokens).toEqual([undefined]);
  });
});

describe('a disk', () => {
  it('without room for the model is told before anything is loaded', async () => {
    await serve({
      onHead: (_request, response) => (
        response.writeHead(200, { 'content-length': 2 ** 50 }).end(),
        true
      ),
    });
    expect(await sentence()).toMatch(
      /not enough room for this model: it takes .* MB more, and .* free/,
    );
    expect(server.requests).toEqual(['HEAD']);
    await expect(requireSpace(folder, 1)).resolves.toBeUndefined();
  });

  it('that fills up meanwhile keeps what is there', async () => {
    if (process.getuid?.() !== 0) {
      await serve();
      await chmod(folder, 0o500);
      expect(await sentence()).toMatch(/./);
      await chmod(folder, 0o700);
      return;
    }
    const mount = [
      '-t',
      'tmpfs',
      '-o',
      `size=${Math.floor(content.length / 2 / 1024)}k`,
      'tmpfs',
      folder,
    ];
    execFileSync('mount', mount);
    try {
      // Without a length nobody can know beforehand.
      await serve({
        onHead: (_request, response) => (response.writeHead(405).end(), true),
        onGet: (_request, response) => (response.writeHead(200).end(content), true),
      });
      expect(await sentence()).toMatch(/^The disk is full: make room, .* kept\.$/);
      expect((await files())['tiny.gguf.part']).toBeGreaterThan(0);
    } finally {
      execFileSync('umount', [folder]);
    }
  });
});
