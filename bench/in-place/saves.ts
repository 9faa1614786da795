/** Sessions to their files: what stands above a base by the engine's own way, and a whole sequence by llama.cpp's. */
import type { Context, ExportedSequence } from '../../native/index.d.ts';
import { mappedSessionIo } from '../../src/engine/sessions/sessionIo.ts';
import { textTokens, type Engine } from './engine.ts';
import type { Answer, Job } from './jobs.ts';
import { timed, together } from './timing.ts';

const scratch = 31;

/**
 * Three times: on the inference thread; until it is durable; and of one token on a fork that is asked for as the save
 * begins. As in the engine that token waits for what the save does on the inference thread, and for nothing else.
 */
export async function save(
  { native, model }: Engine,
  context: Context,
  { base, from, path, beside }: Job & { kind: 'save' },
): Promise<Answer> {
  const nTokens = base.nTokens - from;
  const io = mappedSessionIo(() => context, native);
  const position = (await context.maxPosition(beside)) + 1;
  const tokens = textTokens(model, position, 1);
  const saved = textTokens(model, from, nTokens);
  const began = performance.now();
  let state: ExportedSequence | undefined;
  const copied = await timed(async () => {
    await context.copySequence(0, scratch, from, -1);
    state = await context.exportSequence(scratch);
    await context.removeSequence(scratch, -1, -1);
  });
  let bytes = 0;
  const finished = timed(async () => {
    const writer = await io.writer(path, 'sequence', nTokens);
    await writer.write({ kind: 'exported', state: state! }, saved);
    bytes = (await writer.finish()).sizeBytes;
  });
  await context.decode([{ sequence: beside, position, tokens, sample: {} }]);
  const token: Answer = { ms: [performance.now() - began], cpuMs: [Number.NaN] };
  return { ...together([copied, await finished, token]), bytes };
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
