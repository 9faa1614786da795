/** What the probe in the extension host tells. */
import type { Profiler } from 'node:inspector';

export const probeKey: unique symbol = Symbol.for('warmfork.probe');

/** Environment variable: set, a profile begins as soon as the extension is active. */
export const profileVariable = 'WARMFORK_HOST_PROFILE';

export interface Startup {
  /** `require` of the bundle. */
  readonly loadMs: number;
  /** The call of `activate`, until it returns. */
  readonly activateMs: number;
  /** What was required meanwhile. */
  readonly modules: readonly string[];
  /** Synchronous calls of node:fs meanwhile, with their paths. */
  readonly syncCalls: readonly string[];
}

export interface HostProbe {
  /** Undefined until the extension is active. */
  readonly startup: Startup | undefined;
  startProfile(): void;
  stopProfile(): Promise<Profiler.Profile>;
}
