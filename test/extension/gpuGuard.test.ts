import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { GpuGuard, type GpuFailure } from '../../src/extension/models/gpuGuard.ts';
import type { EngineStatus } from '../../src/protocol/status.ts';
import { initializeParams, Recorder, startRig } from '../client/helpers.ts';

function memory() {
  let failure: GpuFailure | undefined;
  return {
    get: () => failure,
    set: (value: GpuFailure | undefined) => (failure = value),
  };
}

function status(change: Partial<EngineStatus>): EngineStatus {
  return { state: 'loadingModel', persistence: { kind: 'none' }, ...change };
}

describe('a graphics processor', () => {
  it('that crashes every engine before it is ready is left out, and the next engine serves', async () => {
    const guard = new GpuGuard(memory(), 'machine');
    const statuses = new Recorder<EngineStatus>();
    const exits = new Recorder<boolean>();
    const { supervisor } = startRig(
      {},
      {
        engineModule: join(import.meta.dirname, 'gpuCrashEngine.mjs'),
        initializeParams: () => ({
          ...initializeParams,
          settings: { ...initializeParams.settings, gpu: guard.choose('auto') },
        }),
        onStatus: (one) => {
          guard.statusCame(one);
          statuses.add(one);
        },
        onExit: (_exit, expected) => {
          if (!expected) guard.crashed();
          exits.add(expected);
        },
      },
    );
    const ready = await statuses.first(({ state }) => state === 'ready');
    expect(ready.variant).toBe('cpu');
    expect(exits.all).toHaveLength(2);
    expect(supervisor.status.state).toBe('ready');
    expect(guard.notice('auto')).toMatch(/graphics processor \(vulkan\) failed, so the processor/);
    // Another choice is another try.
    expect(guard.choose('cuda')).toBe('cuda');
    expect(guard.notice('cuda')).toBeUndefined();
    expect(guard.choose('auto')).toBe('off');
    guard.tryAgain();
    expect(guard.choose('auto')).toBe('auto');
  });

  it('that fails its self-test is left out at once', () => {
    const kept = memory();
    const guard = new GpuGuard(kept, 'machine');
    guard.choose('vulkan');
    expect(guard.statusCame(status({ variant: 'vulkan' }))).toBe(false);
    expect(guard.statusCame(status({ state: 'failed', variant: 'vulkan', gpuFailed: true }))).toBe(
      true,
    );
    expect(guard.choose('vulkan')).toBe('off');
    // Said once: an engine that fails without it is no reason to start another.
    expect(guard.statusCame(status({ state: 'failed', gpuFailed: true }))).toBe(false);
    expect(new GpuGuard(kept, 'machine').choose('vulkan')).toBe('off');
    expect(new GpuGuard(kept, 'another driver').choose('vulkan')).toBe('vulkan');
  });

  it('is not to blame for other crashes', () => {
    const guard = new GpuGuard(memory(), 'machine');
    guard.choose('auto');
    for (const variant of ['cpu', undefined]) {
      for (let i = 0; i < 5; i++) {
        guard.statusCame(status({ state: 'starting' }));
        guard.statusCame(status(variant === undefined ? {} : { variant }));
        guard.crashed();
      }
    }
    for (let i = 0; i < 5; i++) {
      guard.statusCame(status({ state: 'starting' }));
      guard.statusCame(status({ variant: 'cuda' }));
      guard.statusCame(status({ state: 'ready', variant: 'cuda' }));
      guard.crashed();
    }
    expect(guard.choose('auto')).toBe('auto');
  });
});
