import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Context, Model } from '../../native/index.d.ts';
import { append, createContext, loadStandIn, sameFloats, someTokens } from './fixture.ts';

let model: Model;
let context: Context;
let base: Int32Array;
let suffix: Int32Array;

beforeAll(async () => {
  model = await loadStandIn();
  base = someTokens(model, 200, 1);
  suffix = someTokens(model, 30, 2);
});

afterAll(() => model.close());

beforeEach(async () => {
  context = await createContext(model);
});

afterEach(() => context.close());

/** The run that every fork must equal: the same tokens in the same batches, without a fork. */
async function unforkedLogits(kvType: 'f16' | 'q8_0' = 'f16'): Promise<Float32Array> {
  const plain = await createContext(model, { kvType });
  await append(plain, 0, base);
  await append(plain, 0, suffix);
  const logits = await plain.lastLogits();
  await plain.close();
  return logits;
}

it('a fork continues as if it had evaluated the base itself', async () => {
  await append(context, 0, base);

  await context.copySequence(0, 1, -1, -1);
  const forked = await append(context, 1, suffix);

  expect(forked.status).toBe('done');
  expect(sameFloats(await context.lastLogits(), await unforkedLogits())).toBe(true);
});

it('a fork of quantised cells does too', async () => {
  const quantised = await createContext(model, { kvType: 'q8_0' });
  await append(quantised, 0, base);

  await quantised.copySequence(0, 1, -1, -1);
  await append(quantised, 1, suffix);

  const logits = await quantised.lastLogits();
  expect(sameFloats(logits, await unforkedLogits('q8_0'))).toBe(true);
  expect(sameFloats(logits, await unforkedLogits('f16'))).toBe(false);
  await quantised.close();
});

it('forks leave the base and each other alone', async () => {
  await append(context, 0, base);
  await context.copySequence(0, 1, -1, -1);
  await context.copySequence(0, 2, -1, -1);
  await append(context, 1, someTokens(model, 50, 3));
  await context.removeSequence(1, -1, -1);

  await append(context, 2, suffix);

  expect(sameFloats(await context.lastLogits(), await unforkedLogits())).toBe(true);
  expect(await context.maxPosition(0)).toBe(base.length - 1);
  expect(await context.maxPosition(1)).toBe(-1);
});

it('shares cells: forks of a full context cost none', async () => {
  await append(context, 0, someTokens(model, 1024));

  for (const fork of [1, 2, 3]) await context.copySequence(0, fork, -1, -1);

  expect(await context.maxPosition(3)).toBe(1023);
  expect((await append(context, 1, suffix)).status).toBe('noRoom');
});

it('copies and removes a range of positions', async () => {
  await append(context, 0, base);

  await context.copySequence(0, 1, 120, 150);

  expect([await context.minPosition(1), await context.maxPosition(1)]).toEqual([120, 149]);
  expect(await context.removeSequence(0, 150, -1)).toBe(true);
  expect(await context.maxPosition(0)).toBe(149);
  expect(await context.removeSequence(0, -1, -1)).toBe(true);
  expect(await context.maxPosition(0)).toBe(-1);
  await context.clear();
  expect(await context.minPosition(1)).toBe(-1);
});

it('a copy cut and extended equals one that never was longer', async () => {
  await append(context, 0, base);
  await append(context, 0, someTokens(model, 60, 5));
  await context.copySequence(0, 1, -1, base.length);

  await append(context, 1, suffix);

  expect(sameFloats(await context.lastLogits(), await unforkedLogits())).toBe(true);
});
