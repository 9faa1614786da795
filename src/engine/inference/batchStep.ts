/** One token for each of several sequences in one `llama_decode`. */
import type { SampleOptions } from '../../../native/index.js';
import { contextFull, type DecodeOptions, type Sampled } from './decoder.ts';
import { EngineError } from '../errors.ts';
import type { Runtime } from '../runtime.ts';
import type { Sequence } from './sequences.ts';

export interface Step {
  readonly sequence: Sequence;
  readonly token: number;
  readonly sample: SampleOptions;
}

/** What comes next in each sequence, in order. Rejects with the signal's reason when it is aborted. */
export function stepTogether(
  runtime: Runtime,
  steps: readonly Step[],
  { priority, signal }: Pick<DecodeOptions, 'priority' | 'signal'>,
): Promise<readonly Sampled[]> {
  return runtime.scheduler.turn({ priority, signal, interruptible: true }, async () => {
    for (;;) {
      signal?.throwIfAborted();
      const sampled = await decodeOnce(runtime, steps);
      if (sampled !== undefined) return sampled;
    }
  });
}

/** Undefined when it was aborted or there was no room: then every sequence is as before. Runs inside a turn. */
async function decodeOnce(
  runtime: Runtime,
  steps: readonly Step[],
): Promise<readonly Sampled[] | undefined> {
  const { context, counters, decoder } = runtime;
  const items = steps.map(({ sequence, token, sample }) => ({
    sequence: sequence.id,
    position: sequence.tokens.length,
    tokens: Int32Array.of(token),
    sample,
  }));
  const result = await context.decode(items);
  counters.decodeCalls++;
  switch (result.status) {
    case 'done':
      for (const { sequence, token } of steps) sequence.tokens.push(token);
      counters.tokensEvaluated += steps.length;
      return steps.map((_, at) => ({
        token: result.sampled[at] ?? -1,
        logProbability: result.logProbabilities[at] ?? 0,
      }));
    case 'noRoom':
      if (await decoder.makeRoom(steps[0]!.sequence)) return undefined;
      throw contextFull(context.nCtx);
    case 'aborted':
      counters.decodesAborted++;
      for (const { id, tokens } of steps.map(({ sequence }) => sequence))
        await context.removeSequence(id, tokens.length, -1);
      return undefined;
    case 'fault':
      throw new EngineError(
        'ERR_WARMFORK_DECODE',
        `llama_decode failed with code ${result.code} on ${steps.length} sequences; restart the engine if it happens again.`,
      );
  }
}
