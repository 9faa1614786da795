/** A process that does jobs as an engine would: started by workerClient.ts. */
import { closeSync, openSync, readSync } from 'node:fs';
import process from 'node:process';
import type { Context, DecodeItem } from '../../native/index.d.ts';
import { contextOptions, engine, type Engine } from './engine.ts';
import type { Answer, Base, Job } from './jobs.ts';
import { evaluateChunk, prepareBase } from './prepare.ts';
import { takeForks } from './readyForks.ts';
import { save, saveStock, writePlain } from './saves.ts';
import { kvMemory } from './smaps.ts';
import { timed, together } from './timing.ts';

const contexts = new Map<string, Context>();
const nothing: Answer = { ms: [], cpuMs: [] };

process.on('message', (job: Job) => {
  run(job).then(
    (answer) => process.send?.(answer),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});

async function run(job: Job): Promise<Answer> {
  switch (job.kind) {
    case 'prepareChunk':
      return timed(async () => evaluateChunk(await engine(job.base), job.base, job.chunkPath));
    case 'prepare':
      return timed(async () => prepareBase(await engine(job.base), job.base, job.chunkPath));
    case 'loadModel':
      return timed(() => engine(job.base));
    case 'open':
      return open(job);
    case 'checksum': {
      const { native } = await engine(job.base);
      return timed(() => native.imageChecksum(job.base.image.cellsPath));
    }
    case 'readPlain':
      return timed(() => readPlain(job.path));
    case 'fork':
      return timed(() => named(job.context).copySequence(0, job.sequence, -1, -1));
    case 'remove':
      return timed(() => named(job.context).removeSequence(job.sequence, -1, -1));
    case 'takeForks':
      return { ...nothing, ms: await takeForks(named(job.context), job.nTokens, job.count) };
    case 'decode':
      return decode(named(job.context), job);
    case 'create':
      return create(job);
    case 'load':
      return load(job);
    case 'memcpy':
      return memcpy(job);
    case 'createPlaced':
      return createPlaced(job);
    case 'save':
      return save(await engine(job.base), named(job.context), job);
    case 'writePlain':
      return writePlain(job);
    case 'saveStock':
      return saveStock(await engine(job.base), named(job.context), job);
    case 'counters':
      return { ...nothing, counters: (await engine(job.base)).native.sessionCounters() };
    case 'graft':
      return timed(() => graft(job));
    case 'close':
      return timed(() => close(job.context));
    case 'memory':
      return { ...nothing, memory: kvMemory(job.base.image.cellsPath) };
  }
}

async function open({ base, way, context }: Job & { kind: 'open' }): Promise<Answer> {
  const { native, model } = await engine(base);
  const options = contextOptions(base);
  return timed(async () => {
    if (way === 'place') {
      contexts.set(context, (await native.Context.openImage(model, options, base.image)).context);
      return;
    }
    const created = await native.Context.create(model, options);
    contexts.set(context, created);
    await loadSession(native, created, base, way);
  });
}

async function loadSession(
  { SessionFile }: Engine['native'],
  context: Context,
  { sessionPath }: Base,
  way: 'map' | 'read',
): Promise<void> {
  if (way === 'read') {
    await context.loadFile(sessionPath);
    return;
  }
  const file = await SessionFile.open(context, sessionPath, { mode: 'readOnly', scope: 'context' });
  await file.load();
  await file.close();
}

async function create({ base, context }: Job & { kind: 'create' }): Promise<Answer> {
  const { native, model } = await engine(base);
  return timed(async () => {
    contexts.set(context, await native.Context.create(model, contextOptions(base)));
  });
}

/** The cells' memory is there already: only what copying takes is measured. */
async function load({ base, way, context }: Job & { kind: 'load' }): Promise<Answer> {
  const { native } = await engine(base);
  await named(context).clear();
  return timed(() => loadSession(native, named(context), base, way));
}

async function createPlaced({ base, like }: Job & { kind: 'createPlaced' }): Promise<Answer> {
  const { native } = await engine(base);
  let created: Context | undefined;
  const answer = await timed(async () => {
    created = await native.Context.createForImage(named(like));
  });
  await created?.close();
  return answer;
}

async function memcpy({ nBytes, pieces = 1 }: Job & { kind: 'memcpy' }): Promise<Answer> {
  const [from, to] = [Buffer.alloc(nBytes, 1), Buffer.alloc(nBytes, 2)];
  const piece = Math.ceil(nBytes / pieces);
  return timed(async () => {
    for (let at = 0; at < nBytes; at += piece) from.copy(to, at, at, at + piece);
  });
}

function readPlain(path: string): Promise<void> {
  const file = openSync(path, 'r');
  const buffer = Buffer.alloc(1 << 20, 1);
  while (readSync(file, buffer) > 0) continue;
  closeSync(file);
  return Promise.resolve();
}

async function decode(
  context: Context,
  { sequence, nTokens, batch }: Job & { kind: 'decode' },
): Promise<Answer> {
  const batches: Answer[] = [];
  for (let done = 0; done < nTokens; done += batch) {
    const position = (await context.maxPosition(sequence)) + 1;
    // Any vocabulary has these.
    const tokens = Int32Array.from({ length: batch }, (_, i) => 300 + ((position + i) % 1500));
    batches.push(await timed(() => decodeOnce(context, { sequence, position, tokens })));
  }
  return together(batches);
}

async function decodeOnce(context: Context, item: DecodeItem): Promise<void> {
  const { status } = await context.decode([{ ...item, sample: {} }]);
  if (status !== 'done') throw new Error(`a decode ended with "${status}"`);
}

async function graft(job: Job & { kind: 'graft' }): Promise<void> {
  const scratch = 31;
  const from = named(job.source);
  const to = named(job.context);
  await from.copySequence(0, scratch, job.from, job.from + job.nTokens);
  const cells = await from.exportSequence(scratch);
  await from.removeSequence(scratch, -1, -1);
  await to.importSequence(cells, scratch);
  await to.copySequence(0, job.sequence, -1, -1);
  await to.copySequence(scratch, job.sequence, job.from, job.from + job.nTokens);
  await to.removeSequence(scratch, -1, -1);
}

async function close(name: string): Promise<void> {
  await named(name).close();
  contexts.delete(name);
}

function named(name: string): Context {
  const context = contexts.get(name);
  if (context === undefined) throw new Error(`there is no context ${name}`);
  return context;
}
