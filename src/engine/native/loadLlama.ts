import type { Llama, LlamaGpuType } from 'node-llama-cpp';
import type { LibraryInfo, LibraryOptions } from '../../../native/index.d.ts';
import { fittingLayers, type LayersWish } from './gpuLayers.ts';
import { findLoadedLlama, type LlamaPaths } from './loadedLibraries.ts';
import {
  initializeOptions,
  type KnownFor,
  KnownLibraries,
  type KnownLibrary,
} from './knownLibrary.ts';
import { loadNative, type NativeModule } from './loadNative.ts';

export interface LlamaLibraryOptions {
  /** `auto` takes the best backend that works on this machine. */
  readonly gpu: 'auto' | LlamaGpuType;
  readonly onLog?: LibraryOptions['onLog'];
  /** Cache directory. With it node-llama-cpp is asked once for all starts on a processor. */
  readonly cacheRoot?: string;
}

export interface LlamaLibrary {
  readonly native: NativeModule;
  readonly libraryInfo: LibraryInfo;
  readonly paths: LlamaPaths;
  /** Release of llama.cpp, e.g. `v0.5.0`. */
  readonly release: string;
  /** Backend that node-llama-cpp chose: `cpu`, `metal`, `cuda` or `vulkan`. */
  readonly variant: string;
  /** Set when the backend that was asked for cannot be used and the processor computes instead: why, in words. */
  readonly fallback: string | undefined;
  /** Layers of a model that fit into the graphics memory; 0 on a processor. */
  readonly fittingLayers: (modelPath: string, wish: LayersWish) => Promise<number>;
}

/**
 * Lets node-llama-cpp pick and load its prebuilt libllama, then binds the addon to that very library. The one for the
 * processor is remembered: asking takes longer than all the rest of a start.
 * Throws `ERR_WARMFORK_LIBRARY` when the addon is missing or made for another release.
 */
export async function loadLlamaLibrary(options: LlamaLibraryOptions): Promise<LlamaLibrary> {
  const native = loadNative();
  const { gpu, cacheRoot } = options;
  const libraries = cacheRoot === undefined ? undefined : new KnownLibraries(cacheRoot);
  if (libraries === undefined || !isKnownFor(gpu)) return loadPicked(native, options);
  const known = await libraries.take(gpu);
  const loaded =
    (known && loadKnown(native, known, options)) ?? (await loadPicked(native, options));
  const { variant, fallback, release, paths } = loaded;
  if (variant === 'cpu' && fallback === undefined) void libraries.keep({ ...paths, release }, gpu);
  return loaded;
}

/** Somebody who asks for one backend by name wants to hear when it does not work. */
function isKnownFor(gpu: LlamaLibraryOptions['gpu']): gpu is KnownFor {
  return gpu === 'auto' || gpu === false;
}

/** Undefined when it cannot be loaded. */
function loadKnown(
  native: NativeModule,
  known: KnownLibrary,
  { onLog }: LlamaLibraryOptions,
): LlamaLibrary | undefined {
  try {
    const libraryInfo = native.initialize({ ...initializeOptions(known), onLog });
    const { release, ...paths } = known;
    checkRelease(release, libraryInfo.llamaRelease);
    return {
      ...{ native, libraryInfo, paths, release, variant: 'cpu', fallback: undefined },
      fittingLayers: () => Promise.resolve(0),
    };
  } catch (error) {
    onLog?.('info', `node-llama-cpp is asked again: ${(error as Error).message}`);
    return undefined;
  }
}

async function loadPicked(
  native: NativeModule,
  options: LlamaLibraryOptions,
): Promise<LlamaLibrary> {
  const { llama, fallback } = await pickLlama(options.gpu);
  const paths = findLoadedLlama();
  const libraryInfo = native.initialize({ ...paths, onLog: options.onLog });
  const { release } = llama.llamaCppRelease;
  checkRelease(release, libraryInfo.llamaRelease);
  return {
    ...{ native, libraryInfo, paths, release, fallback },
    variant: llama.gpu === false ? 'cpu' : llama.gpu,
    fittingLayers: async (modelPath, wish) =>
      llama.gpu === false ? 0 : fittingLayers(llama, modelPath, wish),
  };
}

/** A backend that is not there, or does not work on this machine, costs speed and not the whole engine. */
async function pickLlama(gpu: LlamaLibraryOptions['gpu']) {
  try {
    return { llama: await load(gpu), fallback: undefined };
  } catch (error) {
    if (gpu === false) throw error;
    const llama = await load(false);
    const wanted = gpu === 'auto' ? 'The graphics processor' : gpu;
    const fallback = `${wanted} cannot be used here (${(error as Error).message}), so the processor computes.`;
    return { llama, fallback };
  }
}

async function load(gpu: LlamaLibraryOptions['gpu']): Promise<Llama> {
  const { getLlama, LlamaLogLevel } = await import('node-llama-cpp');
  return getLlama({ gpu, build: 'never', skipDownload: true, logLevel: LlamaLogLevel.error });
}

function checkRelease(loaded: string, built: string): void {
  if (loaded !== built) {
    const error = new Error(`llama.cpp ${loaded} is loaded, the addon was built for ${built}`);
    throw Object.assign(error, { code: 'ERR_WARMFORK_LIBRARY' });
  }
}
