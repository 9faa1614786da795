/**
 * A text that is generated as it is given, with drafts or without: what is sampled is forced, what is evaluated is real.
 * So a text of any kind can be measured with a model whose weights are random.
 */
import type { Context, DecodeResult } from '../../native/index.d.ts';
import type { Drafting } from '../../src/engine/draft/drafting.ts';

export interface Replayed {
  readonly ms: number;
  readonly decodes: number;
}

export interface Place {
  readonly context: Context;
  /** Evaluated in sequence 0, all but its last token. */
  readonly prompt: readonly number[];
  /** Of long batches, as the engine knows it. */
  readonly msPerToken: number;
}

/** Sequence 0 is afterwards as it was. */
export async function replay(
  place: Place,
  text: readonly number[],
  drafting: Drafting,
): Promise<Replayed> {
  const { context, prompt } = place;
  const follower = drafting.follow(prompt);
  const began = performance.now();
  let decodes = 0;
  let done = 0;
  while (done < text.length) {
    const draft = follower?.foretell(
      drafting.choose(follower, text.length - done - 1, place.msPerToken),
    );
    const { sampled } = await step(place, text, done, draft ?? [], drafting);
    decodes++;
    for (const token of sampled) follower?.take(token);
    done += sampled.length;
    if ((draft?.length ?? 0) > 0) await context.removeSequence(0, prompt.length - 1 + done, -1);
  }
  const ms = performance.now() - began;
  await context.removeSequence(0, prompt.length - 1, -1);
  return { ms, decodes };
}

async function step(
  { context, prompt }: Place,
  text: readonly number[],
  done: number,
  draft: readonly number[],
  { costs }: Drafting,
): Promise<DecodeResult> {
  const tokens = [text[done - 1] ?? prompt.at(-1) ?? 0, ...draft];
  const result = await context.decode(
    tokens.map((token, at) => ({
      ...{ sequence: 0, position: prompt.length - 1 + done + at, tokens: Int32Array.of(token) },
      sample: {
        allowed: Int32Array.of(text[done + at] ?? 0),
        ...(draft.length > 0 && { expected: draft[at] ?? -1 }),
      },
    })),
  );
  if (result.status !== 'done') throw new Error(`a decode ended with "${result.status}"`);
  if (draft.length > 0) costs.recordTogether(tokens.length, result.ms);
  else costs.recordSingle(result.ms);
  return result;
}
