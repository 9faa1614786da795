import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Context, Model, Sampler } from '../../native/index.d.ts';
import type { NativeModule } from '../../src/engine/native/loadNative.ts';
import { createContext, loadLibrary, loadStandIn, someTokens } from './fixture.ts';

let native: NativeModule;
let model: Model;
let context: Context;

beforeAll(async () => {
  ({ native } = await loadLibrary());
  model = await loadStandIn();
  context = await createContext(model);
});

afterAll(async () => {
  await context.close();
  await model.close();
});

/** Draws `n` tokens from one and the same distribution. */
async function draw(sampler: Sampler, n: number, allowed?: Int32Array): Promise<number[]> {
  const tokens = someTokens(model, 10);
  const drawn: number[] = [];
  for (let i = 0; i < n; i++) {
    await context.clear();
    const result = await context.decode([
      { sequence: 0, position: 0, tokens, sample: { sampler, allowed } },
    ]);
    drawn.push(result.sampled[0]!);
  }
  return drawn;
}

it('draws the same tokens from the same seed, others from another', async () => {
  const options = { temperature: 2, topK: 0, topP: 1 };

  const first = await draw(new native.Sampler({ ...options, seed: 7 }), 20);
  const again = await draw(new native.Sampler({ ...options, seed: 7 }), 20);
  const other = await draw(new native.Sampler({ ...options, seed: 8 }), 20);

  expect(again).toEqual(first);
  expect(other).not.toEqual(first);
  expect(new Set(first).size).toBeGreaterThan(1);
});

it('topK 1, a tiny topP and a tiny temperature are greedy', async () => {
  await context.clear();
  const tokens = someTokens(model, 10);
  const greedy = await context.decode([{ sequence: 0, position: 0, tokens, sample: {} }]);
  const best = greedy.sampled[0]!;

  const wide = { temperature: 3, topK: 0, topP: 1, seed: 1 };
  expect(await draw(new native.Sampler({ ...wide, topK: 1 }), 5)).toEqual(Array(5).fill(best));
  expect(await draw(new native.Sampler({ ...wide, topP: 1e-6 }), 5)).toEqual(Array(5).fill(best));
  expect(await draw(new native.Sampler({ ...wide, temperature: 1e-5 }), 5)).toEqual(
    Array(5).fill(best),
  );
});

it('draws only allowed tokens', async () => {
  const allowed = Int32Array.of(40, 41, 42);
  const sampler = new native.Sampler({ temperature: 5, topK: 0, topP: 1, seed: 3 });

  const drawn = await draw(sampler, 30, allowed);

  expect(drawn.every((token) => allowed.includes(token))).toBe(true);
  expect(new Set(drawn).size).toBeGreaterThan(1);
});

it('a closed sampler finishes what is queued and takes nothing more', async () => {
  const sampler = new native.Sampler({ temperature: 1, topK: 0, topP: 1, seed: 1 });
  await context.clear();
  const tokens = someTokens(model, 5);
  const item = { sequence: 0, position: 0, tokens, sample: { sampler } };

  const queued = context.decode([item]);
  sampler.close();
  sampler.close();

  expect((await queued).status).toBe('done');
  expect(() => context.decode([item])).toThrow(
    expect.objectContaining({ code: 'ERR_WARMFORK_CLOSED' }),
  );
});
