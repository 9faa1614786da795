import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { Clock } from '../../src/client/clock.ts';
import { EngineSupervisor, type SupervisorOptions } from '../../src/client/engineSupervisor.ts';
import type { EngineExit } from '../../src/client/engineLink.ts';
import type { LogMessage } from '../../src/protocol/protocol.ts';
import type { CompletionParams } from '../../src/protocol/requests.ts';
import { defaultEngineSettings, type InitializeParams } from '../../src/protocol/settings.ts';
import type { EngineStatus } from '../../src/protocol/status.ts';

export const fakeEngine = fileURLToPath(new URL('./fixtures/fakeEngine.mjs', import.meta.url));

export const initializeParams: InitializeParams = {
  protocolVersion: 1,
  extensionVersion: '0.0.0',
  workspace: { key: 'k', name: 'w', folders: [], filesExclude: [] },
  storagePath: '/nowhere',
  modelPath: '/nowhere/model.gguf',
  settings: defaultEngineSettings,
};

export function completion(prefix: string): CompletionParams {
  return {
    uri: 'file:///a.ts',
    path: 'a.ts',
    languageId: 'typescript',
    prefix,
    firstLine: 0,
    suffix: '',
  };
}

/** Values in the order they came, and a promise for the first one that fits. */
export class Recorder<T> {
  readonly all: T[] = [];
  readonly #checks = new Set<() => void>();

  readonly add = (value: T): void => {
    this.all.push(value);
    for (const check of [...this.#checks]) check();
  };

  first(fits: (value: T) => boolean): Promise<T> {
    return new Promise((resolve) => {
      const check = (): void => {
        const found = this.all.find(fits);
        if (found === undefined) return;
        this.#checks.delete(check);
        resolve(found);
      };
      this.#checks.add(check);
      check();
    });
  }
}

export interface Rig {
  readonly supervisor: EngineSupervisor;
  readonly statuses: Recorder<EngineStatus>;
  readonly logs: Recorder<LogMessage>;
  readonly exits: Recorder<EngineExit & { readonly expected: boolean }>;
}

/** A supervisor over the fake engine; it is shut down, and its processes ended, after the test. */
export function startRig(
  knobs: Readonly<Record<string, unknown>> = {},
  options: Partial<SupervisorOptions> = {},
): Rig {
  const statuses = new Recorder<EngineStatus>();
  const logs = new Recorder<LogMessage>();
  const exits = new Recorder<EngineExit & { readonly expected: boolean }>();
  const supervisor = new EngineSupervisor({
    engineModule: fakeEngine,
    env: { FAKE_ENGINE: JSON.stringify(knobs) },
    initializeParams: () => initializeParams,
    onStatus: statuses.add,
    onLog: logs.add,
    onExit: (exit, expected) => exits.add({ ...exit, expected }),
    restartPolicy: { firstDelayMs: 1 },
    ...options,
  });
  onTestFinished(async () => {
    const { pid } = supervisor;
    await supervisor.shutdown({ timeoutMs: 2000 });
    if (pid !== undefined && isAlive(pid)) process.kill(pid, 'SIGKILL');
  });
  supervisor.start();
  return { supervisor, statuses, logs, exits };
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Time that passes only when the test says so. */
export class ManualClock implements Clock {
  #nowMs = 0;
  readonly delays = new Recorder<number>();
  readonly #timers = new Set<{ readonly action: () => void; readonly atMs: number }>();

  get pending(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#nowMs;
  }

  schedule(action: () => void, delayMs: number): { dispose(): void } {
    const timer = { action, atMs: this.#nowMs + delayMs };
    this.#timers.add(timer);
    this.delays.add(delayMs);
    return { dispose: () => void this.#timers.delete(timer) };
  }

  advance(ms: number): void {
    this.#nowMs += ms;
    for (const timer of [...this.#timers]) {
      if (timer.atMs > this.#nowMs) continue;
      this.#timers.delete(timer);
      timer.action();
    }
  }
}
