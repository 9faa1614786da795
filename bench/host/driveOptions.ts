import type { Busy } from './stretches.ts';
import type { Startup } from './startup.ts';

/** What is done in a window, and for how long. */
export interface DriveOptions {
  /** File for the result. */
  readonly result: string;
  /** False: the same window without the extension, idle. */
  readonly withWarmfork: boolean;
  /** Whether something is done, and profiled. */
  readonly acts: boolean;
  readonly typingMs: number;
  /** Files that are written at once. */
  readonly changedFiles: number;
  /** After something was done, until all that follows from it is done as well. */
  readonly restMs: number;
  readonly idleMs: number;
}

export interface DriveResult {
  /** Absent without the extension. */
  readonly startup?: Startup;
  /** Of the extension's code in the extension host, by what was done. */
  readonly busy: Readonly<Record<string, Busy>>;
  /** Processor time while nobody did anything, in ms: of the extension host, and of the engine process where that is known. */
  readonly idle: { readonly hostMs: number; readonly engineMs?: number };
}
