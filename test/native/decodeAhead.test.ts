/** Tokens that are evaluated before they are asked for: taken over or undone, never seen. */
import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
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
let plain: Context;

beforeAll(async () => {
  model = await loadStandIn();
});

afterAll(() => model.close());

beforeEach(async () => {
  context = await createContext(model);
  plain = await createContext(model);
});

afterEach(async () => {
  await context.close();
  await plain.close();
});

const prompt = (): Int32Array => someTokens(model, 40);

async function step(
  of: Context,
  token: number,
  position: number,
  ahead: boolean,
): Promise<DecodeResult> {
  const item = { sequence: 0, position, tokens: Int32Array.of(token), sample: {} };
  return of.decode([item], { ahead });
}

/** Greedy tokens after `first`, at the end of sequence 0. */
async function generate(of: Context, first: number, count: number, ahead: boolean) {
  const position = (await of.maxPosition(0)) + 1;
  const results: DecodeResult[] = [];
  let token = first;
  for (let at = 0; at < count; at++) {
    const result = await step(of, token, position + at, ahead);
    results.push(result);
    token = result.sampled[0]!;
  }
  return results;
}

const sampledBy = (results: readonly DecodeResult[]): number[] =>
  results.map(({ sampled }) => sampled[0]!);

/** A head start that is asked about `afterMs` later: it may be about to begin, under way or over. */
async function headStart(afterMs: number, token = 70): Promise<number> {
  const position = (await context.maxPosition(0)) + 1;
  const { sampled } = await step(context, token, position, true);
  if (afterMs > 0) await setTimeout(afterMs);
  return sampled[0]!;
}

it('are taken over by who asks for them, bit for bit', async () => {
  const first = (await append(context, 0, prompt())).sampled[0]!;
  await append(plain, 0, prompt());

  const results = await generate(context, first, 60, true);
  const expected = await generate(plain, first, 60, false);

  expect(sampledBy(results)).toEqual(sampledBy(expected));
  expect(results.filter(({ ahead }) => ahead).length).toBeGreaterThan(30);
  expect(expected.some(({ ahead }) => ahead)).toBe(false);
  expect(results.every(({ ms }) => ms > 0)).toBe(true);
  // What the last of them began is gone.
  expect(await context.maxPosition(0)).toBe(await plain.maxPosition(0));
  const [next] = await generate(context, 70, 1, false);
  expect(next!.sampled).toEqual((await generate(plain, 70, 1, false))[0]!.sampled);
  expect(sameFloats(await context.lastLogits(), await plain.lastLogits())).toBe(true);
});

it('are sampled by the rule of who asks for them', async () => {
  await append(context, 0, prompt());
  const { sampled } = await step(context, 70, 40, true);
  const sample = { allowed: Int32Array.of(80), logProbability: true };
  const tokens = Int32Array.of(sampled[0]!);
  const next = await context.decode([{ sequence: 0, position: 41, tokens, sample }]);
  expect(next.sampled[0]).toBe(80);
  expect(next.logProbabilities[0]).toBeLessThan(0);
});

it('go when another token is asked for in their place', async () => {
  await append(context, 0, prompt());
  await append(plain, 0, prompt());
  for (let at = 0; at < 20; at++) {
    const position = 40 + 2 * at;
    const other = (await headStart(at)) === 71 ? 72 : 71;
    await step(plain, 70, position, false);
    const there = await step(context, other, position + 1, false);
    const expected = await step(plain, other, position + 1, false);
    expect(there.ahead).toBe(false);
    expect(there.sampled).toEqual(expected.sampled);
    expect(sameFloats(await context.lastLogits(), await plain.lastLogits())).toBe(true);
  }
});

it('go before anything else is done, in whatever sequence or context', async () => {
  await append(context, 0, prompt());
  for (let at = 0; at < 20; at++) {
    await headStart(at);
    expect(await context.maxPosition(0)).toBe(40 + at);
  }
  await headStart(20);
  await context.copySequence(0, 1, -1, -1);
  expect(await context.maxPosition(1)).toBe(60);
  await headStart(20);
  await append(plain, 0, prompt());
  expect(await context.maxPosition(0)).toBe(61);
});

it('end when nobody will ask for them, and can be asked for all the same', async () => {
  const first = (await append(context, 0, prompt())).sampled[0]!;
  await append(plain, 0, prompt());
  let token = first;
  for (const expected of sampledBy(await generate(plain, first, 20, false))) {
    const position = (await context.maxPosition(0)) + 1;
    const result = await step(context, token, position, true);
    context.endAhead();
    expect(result.sampled[0]).toBe(expected);
    token = expected;
  }
});

it('are ended by an abort, which leaves the next decode alone', async () => {
  await append(context, 0, prompt());
  const token = await headStart(0);
  context.abort();
  expect(await step(context, token, 41, false)).toMatchObject({ status: 'done' });
  expect(await context.maxPosition(0)).toBe(41);
});

it('take no room from who needs it', async () => {
  const full = await createContext(model, { nCtx: 256 });
  await append(full, 0, someTokens(model, 250));
  for (let position = 250; position < 256; position++)
    expect(await step(full, 70, position, true)).toMatchObject({ status: 'done' });
  expect(await step(full, 70, 256, true)).toMatchObject({ status: 'noRoom' });
  expect(await full.maxPosition(0)).toBe(255);
  await full.close();
});

it('need one item that samples', async () => {
  const item = { sequence: 0, position: 0, tokens: Int32Array.of(70) };
  const two = [
    { ...item, sample: {} },
    { ...item, sequence: 1, sample: {} },
  ];
  for (const items of [[item], two])
    expect(await failureOf(() => context.decode(items, { ahead: true }))).toMatchObject({
      code: 'ERR_WARMFORK_ARGUMENT',
      message: expect.stringContaining('options.ahead is for one item with sample') as string,
    });
});
