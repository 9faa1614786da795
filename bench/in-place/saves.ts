/** Sessions to their files: what stands above a base by the engine's own way, and a whole sequence by llama.cpp's. */
import { open } from 'node:fs/promises';
import type { Context, ExportedSequence } from '../../native/index.d.ts';
import { mappedSessionIo } from '../../src/engine/sessions/sessionIo.ts';
import { textTokens, type Engine } from './engine.ts';
import type { Answer, Job } from './jobs.ts';
import { timed, together } from './timing.ts';

const scratch = 31;

/**
 * Times: on the inference thread; until it is durable; and of one token on a fork that is asked for as the save begins,
 * where one is wanted: as in the engine it waits for what the save does on the inference thread, and for nothing else.
 */
export async function save(
  engine: Engine,
  context: Context,
  { base, from, path, beside }: Job & { kind: 'save' },
): Promise<Answer> {
  const { native, model } = engine;
  const tokens = textTokens(model, from, base.nTokens - from);
  const io = mappedSessionIo(() => context, native);
  const ask = beside === undefined ? undefined : await oneToken(engine, context, beside);
  await context.prepareExport(tokens.length);
  const began = performance.now();
  let state: ExportedSequence | undefined;
  const copied = await timed(async () => {
    await context.copySequence(0, scratch, from, -1);
    state = await context.exportSequence(scratch);
    await context.removeSequence(scratch, -1, -1);
  });
  let bytes = 0;
  const finished = timed(async () => {
    const writer = await io.writer(path, 'sequence', tokens.length);
    await writer.write({ kind: 'exported', state: state! }, tokens);
    bytes = (await writer.finish()).sizeBytes;
  });
  await ask?.();
  const token: Answer = { ms: ask ? [performance.now() - began] : [], cpuMs: [] };
  return { ...together([copied, await finished, token]), bytes };
}

async function oneToken(
  { model }: Engine,
  context: Context,
  sequence: number,
): Promise<() => Promise<unknown>> {
  const position = (await context.maxPosition(sequence)) + 1;
  const tokens = textTokens(model, position, 1);
  return () => context.decode([{ sequence, position, tokens, sample: {} }]);
}

/** As many bytes by the plainest means, from memory that is there: what the disk, and the system before it, take. */
export async function writePlain({ path, nBytes }: Job & { kind: 'writePlain' }): Promise<Answer> {
  const bytes = Buffer.alloc(nBytes, 1);
  const file = await open(path, 'wx', 0o600);
  const answer = await timed(async () => {
    await file.write(bytes);
    await file.datasync();
  });
  await file.close();
  return answer;
}

export async function saveStock(
  { model }: Engine,
  context: Context,
  { base, path }: Job & { kind: 'saveStock' },
): Promise<Answer> {
  let bytes = 0;
  const answer = await timed(async () => {
    bytes = await context.saveSequenceFile(path, 0, textTokens(model, 0, base.nTokens));
  });
  return { ...answer, bytes };
}
