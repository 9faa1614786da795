/** The models process as the extension host uses it: a real child process, and the real server beside it. */
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inRoot } from '../../scripts/lib/paths.ts';
import { ModelsProcess } from '../../src/client/modelsProcess.ts';
import { ggufBytes, writeGguf } from './ggufFile.ts';
import { cutAfter, ModelServer } from './modelServer.ts';

const content = ggufBytes({ blocks: 2000 });

let home = '';
let server: ModelServer;
let models: ModelsProcess;
const contacted: string[] = [];
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'warmfork-process-'));
  server = await ModelServer.start({ content, hub: true });
  models = new ModelsProcess({
    engineModule: inRoot('src/models/main.ts'),
    execArgv: ['--import', 'tsx'],
    env: {
      ...{ HOME: home, USERPROFILE: home, HF_ENDPOINT: server.origin, XDG_CACHE_HOME: '' },
      ...{ LLAMA_CACHE: inRoot('models'), HF_HOME: '', HF_HUB_CACHE: '', OLLAMA_MODELS: '' },
    },
    onContact: (host) => contacted.push(host),
  });
});
afterAll(async () => {
  models.dispose();
  await server.stop();
  await rm(home, { recursive: true });
});

const wish = { contextTokens: 0, kvType: 'f16', gpu: 'auto' } as const;

describe('the models process', () => {
  it('lists what is here, with what it needs of what the machine has, and asks nobody', async () => {
    const folder = join(home, 'models');
    writeGguf(join(folder, 'odd.gguf'), { architecture: 'never-heard-of' });
    const { machine, found, recommended, unfinished } = await models.list({ folder, ...wish });
    expect(machine.ramBytes).toBeGreaterThan(2 ** 29);
    const standIn = found.find(({ source }) => source === 'llama.cpp')!;
    expect(standIn.check).toMatchObject({ kind: 'usable', file: { facts: { fim: true } } });
    // Weights and at least the cells of 16,384 tokens.
    const { sizeBytes } = (standIn.check as { file: { sizeBytes: number } }).file;
    const cells = 16_384 * 4 * 2 * 2 * 96 * 2;
    expect(standIn.need!.ramBytes + standIn.need!.vramBytes).toBeGreaterThan(
      0.9 * sizeBytes + cells,
    );
    expect(found.find(({ source }) => source === 'download')!.check).toMatchObject({
      kind: 'unusable',
      sentence: expect.stringMatching(/of a kind \(never-heard-of\).*choose another/) as unknown,
    });
    expect(recommended.length).toBeGreaterThan(4);
    expect(unfinished).toEqual([]);
    expect(contacted).toEqual([]);
    expect(server.requests).toEqual([]);
  });

  it('checks a file', async () => {
    expect(await models.check(inRoot('models/stand-in.gguf'))).toMatchObject({ kind: 'usable' });
    expect(await models.check(inRoot('package.json'))).toMatchObject({ kind: 'unusable' });
  });

  it('downloads, is killed under way, and goes on in the next process', async () => {
    const folder = join(home, 'downloads');
    const cut = cutAfter(() => server, 20_000);
    server.options = {
      ...server.options,
      onGet: (request, response, n) => n === 1 && cut(request, response, n),
    };
    const { signal } = new AbortController();
    const params = { reference: 'hf:me/tiny-gguf:Q8_0', folder };
    const killed = models.download(
      params,
      ({ kind }) => kind === 'retrying' && models.dispose(),
      signal,
    );
    await expect(killed).rejects.toMatchObject({ code: 'ERR_WARMFORK_ENGINE_GONE' });
    const left = await models.list({ folder, ...wish });
    expect(left.unfinished).toEqual([
      {
        reference: params.reference,
        fileName: join('me_tiny-gguf', 'tiny.gguf'),
        doneBytes: 20_000,
        totalBytes: content.length,
      },
    ]);
    const kinds = new Set<string>();
    const result = await models.download(params, ({ kind }) => kinds.add(kind), signal);
    if (result.kind !== 'done') throw new Error(JSON.stringify(result));
    expect((await readFile(result.file.path)).equals(content)).toBe(true);
    expect(kinds).toEqual(new Set(['connecting', 'downloading', 'checking']));
    expect(server.requests.at(-1)).toBe('GET 20000-');
    expect(contacted).toContain(new URL(server.origin).host);
  });

  it('is cancelled, and removes what it has when it is told to', async () => {
    const folder = join(home, 'cancelled');
    const controller = new AbortController();
    server.options = {
      ...server.options,
      onGet: (_request, response) => {
        response.writeHead(200, { 'content-length': content.length });
        return response.write(content.subarray(0, 10_000));
      },
    };
    const result = models.download(
      { reference: 'me/tiny-gguf', folder },
      ({ doneBytes }) => doneBytes > 0 && controller.abort(),
      controller.signal,
    );
    expect(await result).toEqual({ kind: 'cancelled' });
    const [unfinished] = (await models.list({ folder, ...wish })).unfinished;
    const part = join(folder, `${unfinished!.fileName}.part`);
    expect(existsSync(part)).toBe(true);
    await models.discard(folder, unfinished!.fileName);
    expect(existsSync(part)).toBe(false);
    expect((await models.list({ folder, ...wish })).unfinished).toEqual([]);
  });
});
