/** Facts about an engine for a problem report: never text, names or paths from a workspace. */
import type { EngineMemory } from './sessions.ts';

export interface EngineDiagnostics {
  readonly library: LibraryFacts;
  readonly machine: MachineFacts;
  readonly model: LoadedModelFacts;
  readonly context: ContextFacts;
  /** Prompt tokens per second as measured lately; absent until one batch was long enough. */
  readonly tokensPerSecond?: number;
  readonly memory: EngineMemory;
  /** Why the cells of the base are copied; absent where they lie on its mapped image, or may. */
  readonly copiedBecause?: string;
  readonly isInPlace: boolean;
  /** What was asked of the session cache; absent where nothing is kept. */
  readonly cache?: CacheFacts;
  /** Sums over the process. */
  readonly sessionFiles: Readonly<Record<string, number>>;
}

export interface LibraryFacts {
  /** Of llama.cpp. */
  readonly release: string;
  /** `cpu`, `metal`, `cuda` or `vulkan`. */
  readonly variant: string;
  readonly sessionVersion: number;
  readonly sequenceVersion: number;
  readonly mmapSupported: boolean;
  readonly imagesSupported: boolean;
}

export interface MachineFacts {
  readonly system: string;
  readonly architecture: string;
  readonly nodeVersion: string;
  readonly processor: string;
  readonly processors: number;
  /** Those that decide how fast llama.cpp is; empty where the system does not tell. */
  readonly processorFlags: readonly string[];
  readonly memoryBytes: number;
  readonly freeBytes: number;
}

export interface LoadedModelFacts {
  readonly description: string;
  readonly parameters: number;
  readonly sizeBytes: number;
  readonly trainedContext: number;
  readonly layers: number;
  readonly vocabulary: number;
  readonly slidingWindow: number;
  readonly hasChatTemplate: boolean;
  readonly fim: boolean;
}

export interface ContextFacts {
  readonly cells: number;
  readonly batch: number;
  readonly ubatch: number;
  readonly sequences: number;
  readonly threads: number;
  readonly kvType: string;
}

export interface CacheFacts {
  readonly hits: number;
  readonly misses: number;
  readonly published: number;
  readonly committed: number;
  readonly evicted: number;
  readonly rejected: Readonly<Record<string, number>>;
}
