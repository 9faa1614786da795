/** Graphics processors: what happens here, where there is none, and the parts that can be tried without one. */
import { afterEach, describe, expect, it } from 'vitest';
import { inRoot } from '../../scripts/lib/paths.ts';
import { loadLlamaLibrary } from '../../src/engine/native/loadLlama.ts';
import { cosine, gpuSelfTest } from '../../src/engine/start/gpuSelfTest.ts';
import { gpuLayersFor } from '../../src/engine/start/gpuLayersFor.ts';
import { Fixture } from './engineFixture.ts';

const standIn = inRoot('models/stand-in.gguf');

let fixture: Fixture | undefined;
afterEach(async () => {
  await fixture?.closeAll();
  await fixture?.remove();
  fixture = undefined;
});

describe('a graphics variant', () => {
  it('that cannot be used leaves the work to the processor, and says so', async () => {
    const variant = process.platform === 'darwin' ? 'cuda' : 'vulkan';
    fixture = await Fixture.create();
    const engine = fixture.start({ gpu: variant });
    const status = await engine.whenWarm();
    expect(status.state).toBe('ready');
    if (status.variant === 'cpu') {
      expect(status.message).toMatch(/vulkan|cuda/);
      expect(status.message).toMatch(/cannot be used here .*, so the processor computes/);
    } else {
      expect(status.variant).toBe(variant);
    }
    const variants = fixture.statuses.map((one) => one.variant);
    expect(variants.indexOf(status.variant)).toBeLessThan(
      fixture.statuses.findIndex(({ model }) => model !== undefined),
    );
  });

  it('is tried with a small model before it is trusted', async () => {
    const { native } = await loadLlamaLibrary({ gpu: false });
    await expect(gpuSelfTest({ native, variant: 'vulkan' }, standIn)).resolves.toBeUndefined();
    const broken = gpuSelfTest({ native, variant: 'vulkan' }, inRoot('package.json'));
    await expect(broken).rejects.toMatchObject({
      code: 'ERR_WARMFORK_GPU',
      message: expect.stringMatching(
        /^The graphics processor \(vulkan\) failed its self-test/,
      ) as unknown,
    });
  });

  it('that computes something else is not similar enough', () => {
    const right = Float32Array.from({ length: 1000 }, (_, i) => Math.sin(i));
    const rounded = right.map((x) => x + 1e-3 * Math.cos(x));
    const wrong = right.map((x, i) => (i % 5 === 0 ? -x : x));
    expect(cosine(right, rounded)).toBeGreaterThan(0.99);
    expect(cosine(right, wrong) >= 0.99).toBe(false);
    expect(
      cosine(
        right,
        right.map((x, i) => (i === 3 ? Number.NaN : x)),
      ) >= 0.99,
    ).toBe(false);
  });

  it('gets as many layers as fit, or as are set', async () => {
    fixture = await Fixture.create();
    const params = (gpuLayers: number | null) => fixture!.initializeParams({ gpuLayers });
    const library = (variant: string, fitting: () => Promise<number>) => ({
      variant,
      fittingLayers: fitting,
    });
    const twelve = async () => 12;
    expect(await gpuLayersFor(library('cpu', twelve), params(20))).toBe(0);
    expect(await gpuLayersFor(library('cuda', twelve), params(null))).toBe(12);
    expect(await gpuLayersFor(library('cuda', twelve), params(3))).toBe(3);
    expect(await gpuLayersFor(library('cuda', twelve), params(0))).toBe(0);
    const unknown = () => Promise.reject(new Error('no estimate'));
    expect(await gpuLayersFor(library('cuda', unknown), params(null))).toBeGreaterThan(100);
    const real = await loadLlamaLibrary({ gpu: false });
    expect(await real.fittingLayers(standIn, { contextTokens: 512, kvType: 'f16' })).toBe(0);
  });
});
