import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { append, createContext, loadStandIn, sameFloats, someTokens } from './fixture.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'warmfork-lifetime-'));
});

afterEach(() => rmSync(directory, { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly out: string;
  readonly err: string;
}

/** Runs one of the programs in children/ to its end. The test's time limit catches one that hangs. */
async function runChild(name: string, args: readonly string[] = []): Promise<Ended> {
  const script = fileURLToPath(new URL(`children/${name}.ts`, import.meta.url));
  const child = spawn(process.execPath, ['--expose-gc', '--import', 'tsx', script, ...args]);
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  return { code, signal, out, err };
}

const sizeIn = (out: string): number => Number(/saved: (\d+)/.exec(out)?.[1]);

describe('closing', () => {
  it('may come in any order, with jobs queued', async () => {
    const model = await loadStandIn();
    const context = await createContext(model);
    const tokens = someTokens(model, 300);

    const modelClosed = model.close();
    const decoded = append(context, 0, tokens);
    await modelClosed;
    expect((await decoded).status).toBe('done');

    const again = context.decode([{ sequence: 1, position: 0, tokens, sample: {} }]);
    const logits = context.lastLogits();
    const contextClosed = context.close();
    expect((await again).status).toBe('done');
    expect(await logits).toHaveLength(model.info.nVocab);
    await contextClosed;
  });
});

describe('garbage collection', () => {
  it('frees what was never closed, in any order, and the files are whole', async () => {
    const { code, signal, out, err } = await runChild('collect', [join(directory, 'file')]);

    expect({ code, signal, out: out.trim(), err }).toEqual({
      code: 0,
      signal: null,
      out: 'open: 0',
      err: '',
    });
    const sizes = readdirSync(directory).map((name) => statSync(join(directory, name)).size);
    expect(sizes).toHaveLength(6);
    expect(new Set(sizes).size).toBe(1);
  });
});

describe('the end of the process', () => {
  it('comes by itself when nothing is queued, whatever is open', async () => {
    expect(await runChild('idle')).toMatchObject({ code: 0, signal: null, out: 'open: 9\n' });
  });

  it('does not wait for a decode in flight, and trims the open file', async () => {
    const path = join(directory, 'a.session');
    const { code, signal, out } = await runChild('exitInFlight', [path, 'exit']);

    expect({ code, signal }).toEqual({ code: 0, signal: null });
    expect(out).not.toContain('settled');
    expect(statSync(path).size).toBe(sizeIn(out));
  });

  it('nor when an exception ends it', async () => {
    const path = join(directory, 'a.session');
    const { code, signal, out, err } = await runChild('exitInFlight', [path, 'throw']);

    expect({ code, signal }).toEqual({ code: 1, signal: null });
    expect(err).toContain('on purpose');
    expect(statSync(path).size).toBe(sizeIn(out));
  });

  it('waits for queued jobs when nobody ends it', async () => {
    const path = join(directory, 'a.session');
    const { code, out } = await runChild('exitInFlight', [path, 'wait']);

    expect(code).toBe(0);
    expect(out).toContain('settled: done');
    expect(out).toContain('settled: queued');
  });
});

describe('worker threads', () => {
  const program = new URL('children/worker.mjs', import.meta.url);

  function startWorker(workerData: string): Worker {
    return new Worker(program, { workerData, execArgv: [] });
  }

  it('have an addon instance each, beside the main thread', async () => {
    const model = await loadStandIn();
    const context = await createContext(model);
    const workers = [startWorker('close'), startWorker('close')];
    const answers = workers.map((worker) => once(worker, 'message') as Promise<[Float32Array]>);
    const ends = workers.map((worker) => once(worker, 'exit'));
    await append(context, 0, someTokens(model, 80));
    const logits = await context.lastLogits();

    for (const answer of answers) expect(sameFloats((await answer)[0], logits)).toBe(true);
    expect(await Promise.all(ends)).toEqual([[0], [0]]);
    await context.close();
    await model.close();
  });

  it('may be terminated with a decode in flight', async () => {
    const worker = startWorker('leave a decode in flight');
    await once(worker, 'message');
    await worker.terminate();

    const model = await loadStandIn();
    const context = await createContext(model);
    expect((await append(context, 0, someTokens(model, 10))).status).toBe('done');
    await context.close();
    await model.close();
  });
});
