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
    const stepBegan = performance.now();
    const { sampled, ms } = await step(place, text, done, draft ?? []);
    decodes++;
    done += sampled.length;
    if (follower === undefined || draft === undefined || draft.length === 0) {
      drafting.costs.recordSingle(ms);
    } else {
      await context.removeSequence(0, prompt.length - 1 + done, -1);
      const draftMs = performance.now() - stepBegan;
      drafting.record(follower, draft.length + 1, sampled.length, draftMs);
    }
    for (const token of sampled) follower?.take(token);
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
  return result;
}
