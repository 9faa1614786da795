/**
 * Keeps a graphics processor that fails from being tried again and again: after a failed self-test, or crashes before
 * the engine was ready, the next engine is started without it. Pure; what it knows is kept by the caller.
 */
import type { GpuChoice } from '../../protocol/settings.ts';
import type { EngineStatus } from '../../protocol/status.ts';
import { localize } from '../localize.ts';

/** What is remembered of a failure. It holds for one choice on one version of extension and system. */
export interface GpuFailure {
  readonly choice: GpuChoice;
  readonly machine: string;
  readonly variant: string;
}

export interface GpuMemory {
  get(): GpuFailure | undefined;
  set(failure: GpuFailure | undefined): void;
}

/** One crash may have any reason. */
const crashesToBelieve = 2;

export class GpuGuard {
  readonly #memory: GpuMemory;
  /** Changes when a driver may have changed: with it, old failures count no more. */
  readonly #machine: string;
  #wanted: GpuChoice = 'auto';
  #variant: string | undefined;
  #isReady = false;
  #crashes = 0;

  constructor(memory: GpuMemory, machine: string) {
    this.#memory = memory;
    this.#machine = machine;
  }

  /** What an engine is told, where a person wants `wanted`. */
  choose(wanted: GpuChoice): GpuChoice {
    if (wanted !== this.#wanted) this.#crashes = 0;
    this.#wanted = wanted;
    return this.#failure(wanted) === undefined ? wanted : 'off';
  }

  /** Why the processor computes; undefined where it was never otherwise. */
  notice(wanted: GpuChoice): string | undefined {
    const failure = this.#failure(wanted);
    return (
      failure &&
      localize(
        'The graphics processor ({0}) failed, so the processor computes. Run "Try the Graphics Processor Again" after a change of driver.',
        failure.variant,
      )
    );
  }

  /** True: an engine without the graphics processor should be started now. */
  statusCame({ state, variant, gpuFailed }: EngineStatus): boolean {
    if (state === 'starting') this.#isReady = false;
    this.#variant = variant;
    if (state === 'ready' || state === 'warming') {
      this.#isReady = true;
      this.#crashes = 0;
    }
    if (state !== 'failed' || !gpuFailed || this.choose(this.#wanted) === 'off') return false;
    this.#fail();
    return true;
  }

  /** An engine process ended by itself; the next one asks {@link choose}. */
  crashed(): void {
    const isOnGraphics = this.#variant !== undefined && this.#variant !== 'cpu';
    if (isOnGraphics && !this.#isReady && ++this.#crashes >= crashesToBelieve) this.#fail();
  }

  tryAgain(): void {
    this.#crashes = 0;
    this.#memory.set(undefined);
  }

  #fail(): void {
    const variant = this.#variant ?? this.#wanted;
    this.#memory.set({ choice: this.#wanted, machine: this.#machine, variant });
  }

  #failure(wanted: GpuChoice): GpuFailure | undefined {
    const failure = this.#memory.get();
    const holds = failure?.choice === wanted && failure.machine === this.#machine;
    return wanted !== 'off' && holds ? failure : undefined;
  }
}
