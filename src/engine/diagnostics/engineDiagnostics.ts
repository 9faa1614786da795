import type { ContextOptions } from '../../../native/index.js';
import type { CacheFacts, EngineDiagnostics } from '../../protocol/diagnostics.ts';
import type { LlamaLibrary } from '../native/loadLlama.ts';
import type { Runtime } from '../runtime.ts';
import { engineMemory } from '../sessions/engineMemory.ts';
import { machineFacts } from './machineFacts.ts';

export interface DiagnosticsSources {
  readonly runtime: Runtime;
  readonly library: LlamaLibrary;
  readonly contextOptions: ContextOptions;
  readonly isInPlace: boolean;
  readonly copiedBecause: string | undefined;
}

/** Numbers and names of parts; nothing that a person wrote. */
export async function engineDiagnostics(sources: DiagnosticsSources): Promise<EngineDiagnostics> {
  const { runtime, library, contextOptions, isInPlace, copiedBecause } = sources;
  const { msPerToken } = runtime.decoder.speed;
  const cache = cacheFacts(runtime);
  return {
    library: libraryFacts(library),
    machine: await machineFacts(),
    model: modelFacts(runtime),
    context: {
      cells: runtime.context.nCtx,
      batch: contextOptions.nBatch,
      ubatch: contextOptions.nUbatch,
      sequences: contextOptions.nSeqMax,
      threads: contextOptions.nThreads,
      kvType: contextOptions.kvType,
    },
    ...(msPerToken !== undefined && { tokensPerSecond: 1000 / msPerToken }),
    memory: await engineMemory(),
    isInPlace,
    ...(copiedBecause !== undefined && { copiedBecause }),
    ...(cache && { cache }),
    sessionFiles: { ...library.native.sessionCounters() },
  };
}

function libraryFacts({ release, variant, libraryInfo }: LlamaLibrary) {
  const { sessionVersion, sequenceVersion, mmapSupported, imagesSupported } = libraryInfo;
  return { release, variant, sessionVersion, sequenceVersion, mmapSupported, imagesSupported };
}

function modelFacts({ model, tokenizer }: Runtime): EngineDiagnostics['model'] {
  const { info } = model;
  return {
    description: info.description,
    parameters: info.parameters,
    sizeBytes: info.sizeBytes,
    trainedContext: info.nCtxTrain,
    layers: info.nLayer,
    vocabulary: info.nVocab,
    slidingWindow: info.nSwa,
    hasChatTemplate: info.chatTemplate !== undefined,
    fim: tokenizer.fim !== undefined,
  };
}

function cacheFacts({ persistence }: Runtime): CacheFacts | undefined {
  if (persistence === undefined) return undefined;
  const { hits, misses, published, committed, evicted, rejected } = persistence.store.counters;
  return { hits, misses, published, committed, evicted, rejected };
}
