/** A process that does jobs as an engine would: started by workerClient.ts. */
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import type { Context } from '../../native/index.d.ts';
import { contextOptions, engine } from './engine.ts';
import type { Answer, Job } from './jobs.ts';
import { evaluateChunk, prepareBase } from './prepare.ts';
import { kvMemory } from './smaps.ts';

const contexts = new Map<string, Context>();

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
    case 'fork':
      return timed(() => named(job.context).copySequence(0, job.sequence, -1, -1));
    case 'remove':
      return timed(() => named(job.context).removeSequence(job.sequence, -1, -1));
    case 'decode':
      return decode(named(job.context), job);
    case 'graft':
      return timed(() => graft(job));
    case 'close':
      return timed(() => close(job.context));
    case 'memory':
      return { ms: [], cpuMs: [], memory: kvMemory(job.base.image.cellsPath) };
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
    if (way === 'read') {
      await created.loadFile(base.sessionPath);
      return;
    }
    const file = await native.SessionFile.open(created, base.sessionPath, {
      mode: 'readOnly',
      scope: 'context',
    });
    await file.load();
    await file.close();
  });
}

async function decode(
  context: Context,
  { sequence, nTokens, batch }: Job & { kind: 'decode' },
): Promise<Answer> {
  const batches: Answer[] = [];
  for (let done = 0; done < nTokens; done += batch) {
    const position = (await context.maxPosition(sequence)) + 1;
    const tokens = Int32Array.from({ length: batch }, (_, i) => 1000 + ((position + i) % 5000));
    batches.push(
      await timed(async () => {
        const { status } = await context.decode([{ sequence, position, tokens, sample: {} }]);
        if (status !== 'done') throw new Error(`a decode ended with "${status}"`);
      }),
    );
  }
  return { ms: batches.flatMap(({ ms }) => ms), cpuMs: batches.flatMap(({ cpuMs }) => cpuMs) };
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

async function timed(action: () => Promise<unknown>): Promise<Answer> {
  const cpuBefore = process.cpuUsage();
  const before = performance.now();
  await action();
  const ms = performance.now() - before;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { ms: [ms], cpuMs: [(user + system) / 1000] };
}
