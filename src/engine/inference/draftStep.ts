/** A token and what a draft says comes next in one `llama_decode`. */
import type { DecodeResult } from '../../../native/index.js';
import type { Follower } from '../draft/follower.ts';
import type { DecodeOptions, Sampled } from './decoder.ts';
import { EngineError } from '../errors.ts';
import type { Runtime } from '../runtime.ts';
import type { Sequence } from './sequences.ts';

/**
 * Evaluates `tokens`, the first of which is sampled and the others drafted. Answers with what is sampled: one token more
 * than came as drafted; fewer, even none, where a token could not be told from another, where there was no room, or it was
 * interrupted: then `Decoder.step` goes on. Afterwards `sequence` holds as many of `tokens` more as were sampled.
 */
export function stepDrafted(
  runtime: Runtime,
  sequence: Sequence,
  tokens: readonly number[],
  options: DecodeOptions & { readonly follower: Follower },
): Promise<readonly Sampled[]> {
  const { priority, signal } = options;
  return runtime.scheduler.turn({ priority, signal, interruptible: true }, async () => {
    const { context, counters } = runtime;
    const began = performance.now();
    const result = await context.decode(itemsOf(sequence, tokens, options));
    counters.decodeCalls++;
    if (result.status === 'aborted') counters.decodesAborted++;
    const sampled = sampledIn(result);
    // What came otherwise goes; after an abort or a fault, all of it: some may be in its cells.
    await context.removeSequence(sequence.id, sequence.tokens.length + sampled.length, -1);
    sequence.tokens.push(...tokens.slice(0, sampled.length));
    if (result.status === 'fault') throw decodeFault(result.code, tokens.length);
    if (result.status === 'done') {
      const { drafting } = runtime.decoder;
      const ms = performance.now() - began;
      drafting.record(options.follower, tokens.length, sampled.length, ms);
      count(runtime, tokens.length, sampled.length);
    }
    return sampled;
  });
}

function itemsOf(
  sequence: Sequence,
  tokens: readonly number[],
  { sample }: DecodeOptions,
): Parameters<Runtime['context']['decode']>[0] {
  return tokens.map((token, at) => ({
    sequence: sequence.id,
    position: sequence.tokens.length + at,
    tokens: Int32Array.of(token),
    sample: { ...sample, expected: tokens[at + 1] ?? -1 },
  }));
}

function count({ counters }: Runtime, evaluated: number, sampled: number): void {
  counters.tokensEvaluated += evaluated;
  counters.tokensDrafted += evaluated - 1;
  counters.draftsKept += Math.max(0, sampled - 1);
}

/** None unless it was done. */
function sampledIn({ sampled, logProbabilities }: DecodeResult): readonly Sampled[] {
  return Array.from(sampled, (token, at) => ({
    token,
    logProbability: logProbabilities[at] ?? Number.NaN,
  }));
}

function decodeFault(code: number, tokens: number): EngineError {
  return new EngineError(
    'ERR_WARMFORK_DECODE',
    `llama_decode failed with code ${code} on a draft of ${tokens} tokens; restart the engine if it happens again.`,
  );
}
