import { readdirSync } from 'node:fs';
import process from 'node:process';
import { setImmediate } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Context, DecodeResult, Model } from '../../native/index.d.ts';
import {
  append,
  createContext,
  failureOf,
  loadStandIn,
  sameFloats,
  someTokens,
} from './fixture.ts';

let model: Model;
let context: Context;

beforeAll(async () => {
  model = await loadStandIn();
});

afterAll(() => model.close());

beforeEach(async () => {
  context = await createContext(model);
});

afterEach(() => context.close());

describe('decode', () => {
  it('gives the same logits for the same tokens in another context', async () => {
    const tokens = someTokens(model, 150);
    const other = await createContext(model);

    await append(context, 0, tokens);
    await append(other, 0, tokens);

    const logits = await context.lastLogits();
    expect(logits).toHaveLength(model.info.nVocab);
    expect(sameFloats(logits, await other.lastLogits())).toBe(true);
    await append(context, 0, someTokens(model, 1));
    expect(sameFloats(logits, await context.lastLogits())).toBe(false);
    await other.close();
  });

  it('chooses the largest logit and tells its log-probability', async () => {
    const sample = { logProbability: true };
    const { sampled, logProbabilities, status, code } = await context.decode([
      { sequence: 0, position: 0, tokens: someTokens(model, 30), sample: {} },
      { sequence: 1, position: 0, tokens: someTokens(model, 40), sample },
    ]);

    const logits = [...(await context.lastLogits())];
    const largest = Math.max(...logits);
    const sum = logits.reduce((total, logit) => total + Math.exp(logit - largest), 0);
    expect({ status, code }).toEqual({ status: 'done', code: 0 });
    expect(sampled[1]).toBe(logits.indexOf(largest));
    expect(logProbabilities[1]).toBeCloseTo(-Math.log(sum), 4);
    expect(logProbabilities[0]).toBeNaN();
  });

  it('samples after each item that asks, in order', async () => {
    const tokens = someTokens(model, 6);
    const one = (at: number): Int32Array => tokens.slice(at, at + 1);
    const { sampled } = await context.decode([
      { sequence: 0, position: 0, tokens: one(0), sample: { allowed: Int32Array.of(70) } },
      { sequence: 1, position: 0, tokens: one(1) },
      { sequence: 0, position: 1, tokens: one(2), sample: { allowed: Int32Array.of(80) } },
      { sequence: 2, position: 0, tokens: one(3), sample: { allowed: Int32Array.of(90) } },
    ]);

    expect([...sampled]).toEqual([70, 80, 90]);
    expect(await context.maxPosition(0)).toBe(1);
    expect(await context.maxPosition(1)).toBe(0);
  });

  it('samples a draft up to the first token that comes otherwise', async () => {
    const tokens = someTokens(model, 20);
    const truth = [(await append(context, 0, tokens)).sampled[0]!];
    for (let at = 0; at < 3; at++)
      truth.push((await append(context, 0, Int32Array.of(truth[at]!))).sampled[0]!);
    const [one, two, three] = truth as [number, number, number];
    const logits = await context.lastLogits();
    const drafted = async (draft: readonly number[]): Promise<number[]> => {
      await context.removeSequence(0, 20, -1);
      const items = draft.map((token, at) => ({
        ...{ sequence: 0, position: 20 + at, tokens: Int32Array.of(token) },
        sample: { expected: draft[at + 1] ?? -1 },
      }));
      return [...(await context.decode(items)).sampled];
    };
    expect(await drafted([one, two, three])).toEqual(truth.slice(1));
    expect(sameFloats(await context.lastLogits(), logits)).toBe(true); // in other batches
    expect(await drafted([one, two + 1, three])).toEqual([two]);
    expect(await drafted([one, two, three + 1])).toEqual([two, three]);
    expect(await context.maxPosition(0)).toBe(22);
    const sample = { expected: model.info.nVocab };
    const wrong = [{ sequence: 0, position: 23, tokens: Int32Array.of(one), sample }];
    expect((await failureOf(() => context.decode(wrong))).code).toBe('ERR_WARMFORK_ARGUMENT');
  });

  it('samples nothing of a draft that could as well be another token', async () => {
    const sample = { expected: -1 };
    const margins: number[] = [];
    for (let token = 32; token < model.info.nVocab; token++) {
      await context.clear();
      const items = [{ sequence: 0, position: 0, tokens: Int32Array.of(token), sample }];
      const { sampled } = await context.decode(items);
      if (sampled.length > 0) continue;
      await context.clear();
      await append(context, 0, Int32Array.of(token));
      const [first = 0, second = 0] = (await context.lastLogits()).sort((a, b) => b - a);
      margins.push(first - second);
    }
    expect(margins).not.toEqual([]);
    expect(Math.max(...margins)).toBeLessThan(0.05);
  });

  it('obeys allowed and forbidden tokens', async () => {
    const tokens = someTokens(model, 20);
    const free = (await append(context, 0, tokens)).sampled[0]!;
    const allowed = Int32Array.of(100, 200, 300);

    await context.removeSequence(0, 19, -1);
    const last = tokens.slice(19);
    const position = 19;
    const forbidden = await context.decode([
      { sequence: 0, position, tokens: last, sample: { forbidden: Int32Array.of(free) } },
    ]);
    await context.removeSequence(0, 19, -1);
    const restricted = await context.decode([
      { sequence: 0, position, tokens: last, sample: { allowed, forbidden: Int32Array.of(200) } },
    ]);

    expect(forbidden.sampled[0]).not.toBe(free);
    expect([100, 300]).toContain(restricted.sampled[0]);
    const logits = await context.lastLogits();
    expect(restricted.sampled[0]).toBe(logits[100]! >= logits[300]! ? 100 : 300);
  });

  it('answers noRoom when the cells run out, and leaves the context as it was', async () => {
    const tokens = someTokens(model, 1000);
    await append(context, 0, tokens);

    const full = await append(context, 1, tokens.slice(0, 100));

    expect(full).toMatchObject({ status: 'noRoom', code: 1 });
    expect(full.sampled).toHaveLength(0);
    expect(await context.maxPosition(0)).toBe(999);
    expect(await context.maxPosition(1)).toBe(-1);
    await context.removeSequence(0, 500, -1);
    expect((await append(context, 1, tokens.slice(0, 100))).status).toBe('done');
  });

  it('has no logits after a decode without sample', async () => {
    await context.decode([{ sequence: 0, position: 0, tokens: someTokens(model, 3) }]);

    expect(await failureOf(() => context.lastLogits())).toMatchObject({
      code: 'ERR_WARMFORK_CONTEXT',
    });
  });

  it('rejects tokens that do not continue their sequence, and evaluates nothing', async () => {
    const tokens = someTokens(model, 10);
    await append(context, 0, tokens);

    for (const position of [0, 9, 11]) {
      expect(
        await failureOf(() => context.decode([{ sequence: 0, position, tokens }])),
      ).toMatchObject({ code: 'ERR_WARMFORK_ARGUMENT', name: 'RangeError' });
    }
    const gap = [
      { sequence: 1, position: 0, tokens },
      { sequence: 1, position: 11, tokens },
    ];
    expect(await failureOf(() => context.decode(gap))).toMatchObject({
      code: 'ERR_WARMFORK_ARGUMENT',
    });
    expect(await context.maxPosition(0)).toBe(9);
    expect(await context.maxPosition(1)).toBe(-1);
  });
});

describe('abort', () => {
  const n = 960;

  /** Waits longer each time, until the abort hits the prefill between two of its ubatches. */
  async function abortInTheMiddle(tokens: Int32Array): Promise<DecodeResult> {
    for (let turns = 1; ; turns *= 2) {
      const decoding = context.decode([{ sequence: 0, position: 0, tokens, sample: {} }]);
      for (let turn = 0; turn < turns; turn++) await setImmediate();
      context.abort();
      const result = await decoding;
      expect(result.status, 'the abort never came in time').toBe('aborted');
      if ((await context.maxPosition(0)) >= 0) return result;
    }
  }

  it('ends a prefill in the middle, and continuing it gives the uninterrupted logits', async () => {
    const tokens = someTokens(model, n);

    const { status, code, sampled } = await abortInTheMiddle(tokens);

    const reached = (await context.maxPosition(0)) + 1;
    expect({ status, code, sampled: sampled.length }).toEqual({
      status: 'aborted',
      code: 2,
      sampled: 0,
    });
    expect(reached).toBeLessThan(n);
    expect(reached % 64).toBe(0);
    const rest = await append(context, 0, tokens.slice(reached));
    expect(rest.status).toBe('done');

    const whole = await createContext(model);
    const uninterrupted = await append(whole, 0, tokens);
    expect([...rest.sampled]).toEqual([...uninterrupted.sampled]);
    expect(sameFloats(await context.lastLogits(), await whole.lastLogits())).toBe(true);
    await whole.close();
  });

  it('ends the decodes queued before it and none queued after it', async () => {
    const tokens = someTokens(model, n / 2);
    const statuses = Promise.all([
      context.decode([{ sequence: 0, position: 0, tokens }]),
      context.clear(),
      context.decode([{ sequence: 0, position: 0, tokens }]),
      context.clear(),
    ]);
    context.abort();
    const after = context.decode([{ sequence: 0, position: 0, tokens }]);

    const [first, , second] = await statuses;
    expect([first.status, second.status]).toEqual(['aborted', 'aborted']);
    expect((await after).status).toBe('done');
  });

  it('does nothing when nothing is queued', async () => {
    context.abort();
    context.abort();

    expect((await append(context, 0, someTokens(model, 200))).status).toBe('done');
  });
});

it('takes batches smaller than its number of sequences', async () => {
  const context = await createContext(model, { nBatch: 1, nUbatch: 1, nSeqMax: 4 });
  expect((await append(context, 3, someTokens(model, 1))).status).toBe('done');
  await context.close();
});

it.runIf(process.platform === 'linux')(
  'the threads that calculate are started once, and go with the context',
  async () => {
    const context = await createContext(model, { nThreads: 2, nThreadsBatch: 2 });
    const before = threads();
    await append(context, 0, someTokens(model, 8));
    const started = threads().filter((thread) => !before.includes(thread));
    await append(context, 0, someTokens(model, 1));
    await append(context, 0, someTokens(model, 8));
    expect(started).not.toEqual([]);
    expect(threads()).toEqual(expect.arrayContaining(started));
    await context.close();
    expect(threads().filter((thread) => started.includes(thread))).toEqual([]);
  },
);

/** Ids of this process's threads. */
function threads(): string[] {
  return readdirSync('/proc/self/task');
}
