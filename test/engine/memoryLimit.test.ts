/** A machine with little memory: a smaller context, or a clear sentence. Never a crash. */
import { execFileSync, fork, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createMessageConnection,
  IPCMessageReader,
  IPCMessageWriter,
  type MessageConnection,
} from 'vscode-jsonrpc/node';
import { inRoot } from '../../scripts/lib/paths.ts';
import { writeGguf } from '../../scripts/model/gguf-writer.ts';
import { DEFAULT_SHAPE } from '../../scripts/model/shape.ts';
import { makeStandIn } from '../../scripts/model/standIn.ts';
import { controlGroups, leftInControlGroup } from '../../src/engine/start/availableMemory.ts';
import { fitContext, memoryFor, type ModelShape } from '../../src/engine/start/fitContext.ts';
import * as protocol from '../../src/protocol/protocol.ts';
import type { EngineStatus } from '../../src/protocol/status.ts';
import { Fixture } from './engineFixture.ts';

const miB = 1024 ** 2;
const giB = 1024 ** 3;

describe('what is left in a control group', () => {
  const stat = (lines: Readonly<Record<string, number>>): string =>
    Object.entries(lines).reduce((text, [name, n]) => `${text}${name} ${n}\n`, '');

  it.each<[string, Parameters<typeof leftInControlGroup>[0], number | undefined]>([
    ['no group', { limit: '', usage: '', stat: '' }, undefined],
    ['no limit', { limit: 'max\n', usage: '5', stat: '' }, undefined],
    ['no limit, old', { limit: '9223372036854771712\n', usage: '5', stat: '' }, undefined],
    ['files do not count', { limit: '1000', usage: '900', stat: stat({ file: 400 }) }, 500],
    [
      'shared memory does',
      { limit: '1000', usage: '900', stat: stat({ file: 400, shmem: 100 }) },
      400,
    ],
    ['old names', { limit: '1000', usage: '900', stat: stat({ cache: 1, total_cache: 300 }) }, 400],
    ['more than the limit', { limit: '1000', usage: '1100', stat: '' }, 0],
  ])('%s', (_what, files, left) => {
    expect(leftInControlGroup(files)).toBe(left);
  });

  it('counts for every group around this process, of both versions', () => {
    const found = controlGroups('5:cpu,memory:/a/b\n3:cpuset:/x\n0::/u.slice\n');
    expect(found).toEqual([
      { directory: '/sys/fs/cgroup/memory/a/b', version: 1 },
      { directory: '/sys/fs/cgroup/memory/a', version: 1 },
      { directory: '/sys/fs/cgroup/memory', version: 1 },
      { directory: '/sys/fs/cgroup/u.slice', version: 2 },
      { directory: '/sys/fs/cgroup', version: 2 },
    ]);
  });
});

describe('the context that fits', () => {
  const embedding = 1536;
  const model: ModelShape = {
    weightBytes: 1.6 * giB,
    layers: 28,
    embedding,
    vocabulary: 151_936,
    elementsPerCell: 512,
  };
  const wanted = { nCtx: 16_384, nUbatch: 64, nSeqMax: 32, kvType: 'f16' } as const;

  it.each<[number, ReturnType<typeof fitContext>]>([
    [16, { kind: 'fits' }],
    [3, { kind: 'fits' }],
    [2.7, { kind: 'reduced', nCtx: 8192 }],
    [2.4, { kind: 'reduced', nCtx: 4096 }],
    [2.3, { kind: 'reduced', nCtx: 2048 }],
  ])('%d GiB', (available, fit) => {
    expect(fitContext(model, wanted, { bytes: available * giB, withFiles: false })).toEqual(fit);
  });

  it('is none when the weights leave no room, and the smallest is told', () => {
    const fit = fitContext(model, wanted, { bytes: 1.5 * giB, withFiles: false });
    expect(fit).toEqual({ kind: 'none', needBytes: memoryFor(model, { ...wanted, nCtx: 2048 }) });
  });

  it('is larger with smaller cells, and smaller where mapped weights count too', () => {
    const bytes = 2.7 * giB;
    const q8 = { ...wanted, kvType: 'q8_0' } as const;
    expect(fitContext(model, q8, { bytes, withFiles: false })).toEqual({ kind: 'fits' });
    expect(fitContext(model, wanted, { bytes, withFiles: true })).toMatchObject({ kind: 'none' });
  });

  it('is never less than was wanted when little was wanted', () => {
    const small = { ...wanted, nCtx: 1024 };
    expect(fitContext(model, small, { bytes: 16 * giB, withFiles: false })).toEqual({
      kind: 'fits',
    });
    expect(fitContext(model, small, { bytes: giB, withFiles: false })).toMatchObject({
      kind: 'none',
    });
  });
});

const hasPrlimit = (() => {
  try {
    return execFileSync('prlimit', ['--version']).length > 0;
  } catch {
    return false;
  }
})();

describe.skipIf(!hasPrlimit)('an engine process with a limit', () => {
  let folder: string;
  let fixture: Fixture;
  const children: ChildProcess[] = [];

  beforeAll(async () => {
    fixture = await Fixture.create();
    // In the repository, so that packages are found.
    await mkdir(inRoot('build'), { recursive: true });
    folder = await mkdtemp(join(inRoot('build'), 'limited-'));
    await build({
      entryPoints: [inRoot('src/engine/main.ts')],
      outfile: join(folder, 'engine.mjs'),
      ...({ bundle: true, platform: 'node', format: 'esm', packages: 'external' } as const),
    });
    // Next to no weights, and cells of 64 KiB.
    const shape = { ...DEFAULT_SHAPE, ff: 64, layers: 8, heads: 16, kvHeads: 16, headDim: 128 };
    writeGguf(join(folder, 'model.gguf'), makeStandIn(shape));
  });
  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL');
    await fixture.remove();
    await rm(folder, { recursive: true, force: true });
  });

  function start(): { readonly child: ChildProcess; readonly connection: MessageConnection } {
    const child = fork(join(folder, 'engine.mjs'), {
      serialization: 'json',
      env: { ...process.env, WARMFORK_NATIVE: inRoot('build/native/warmfork.node') },
      execArgv: [],
    });
    children.push(child);
    const reader = new IPCMessageReader(child);
    return { child, connection: createMessageConnection(reader, new IPCMessageWriter(child)) };
  }

  /** Its status when it is ready or has failed; rejects when the process ends before. */
  async function startLimited(moreBytes: number): Promise<EngineStatus> {
    const { child, connection } = start();
    const settled = new Promise<EngineStatus>((resolve, reject) => {
      connection.onNotification(protocol.statusChanged, (status) => {
        if (status.state === 'ready' || status.state === 'failed') resolve(status);
      });
      child.once('exit', (code, signal) => reject(new Error(`ended: ${signal ?? code}`)));
    });
    connection.listen();
    // Whatever it answers: it has started, and takes what a process takes.
    await connection.sendRequest(protocol.getCounters).catch(() => undefined);
    const size = /^VmSize:\s+(\d+)/mu.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1];
    const limit = Number(size) * 1024 + giB + moreBytes;
    execFileSync('prlimit', ['--pid', `${child.pid}`, `--as=${limit}`]);
    const params = fixture.initializeParams({ contextTokens: 16_384, baseTokens: 1024 });
    await connection.sendRequest(protocol.initialize, {
      ...params,
      modelPath: join(folder, 'model.gguf'),
    });
    const status = await settled;
    const text = 'const one = 1;\nconst two║\n';
    if (status.state === 'ready')
      await connection.sendRequest(
        protocol.complete,
        fixture.at('src/a.ts', text, { maxTokens: 2 }),
      );
    child.kill('SIGKILL');
    return status;
  }

  it('has a smaller context and says so, and works', async () => {
    const { state, message, model } = await startLimited(1400 * miB);
    expect(state).toBe('ready');
    const reduced =
      /^The context was reduced from 16384 to (\d+) tokens: \d\.\d GiB of memory are available/u;
    expect(message).toMatch(reduced);
    expect(model?.contextTokens).toBe(Number(reduced.exec(message ?? '')?.[1]));
  });

  it('says in one sentence that there is too little', async () => {
    const { state, message } = await startLimited(500 * miB);
    expect(state).toBe('failed');
    expect(message).toMatch(/^model\.gguf needs about \d\.\d GiB of memory, but only \d\.\d GiB/u);
  });
});
