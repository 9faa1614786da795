import type { LlamaGpuType } from 'node-llama-cpp';
import type { LibraryInfo, LibraryOptions } from '../../../native/index.d.ts';
import { findLoadedLlama } from './loadedLibraries.ts';
import { loadNative, type NativeModule } from './loadNative.ts';

export interface LlamaLibraryOptions {
  /** `auto` takes the best backend that works on this machine. */
  readonly gpu: 'auto' | LlamaGpuType;
  readonly onLog?: LibraryOptions['onLog'];
}

export interface LlamaLibrary {
  readonly native: NativeModule;
  readonly libraryInfo: LibraryInfo;
  /** Release of llama.cpp, e.g. `v0.5.0`. */
  readonly release: string;
  /** Backend that node-llama-cpp chose: `cpu`, `metal`, `cuda` or `vulkan`. */
  readonly variant: string;
}

/**
 * Lets node-llama-cpp pick and load its prebuilt libllama, then binds the addon to that very library.
 * Throws `ERR_WARMFORK_LIBRARY` when the addon is missing or made for another release.
 */
export async function loadLlamaLibrary(options: LlamaLibraryOptions): Promise<LlamaLibrary> {
  const native = loadNative();
  const { getLlama, LlamaLogLevel } = await import('node-llama-cpp');
  const llama = await getLlama({
    gpu: options.gpu,
    build: 'never',
    skipDownload: true,
    logLevel: LlamaLogLevel.error,
  });
  const libraryInfo = native.initialize({
    ...findLoadedLlama(),
    ...(options.onLog === undefined ? {} : { onLog: options.onLog }),
  });
  const { release } = llama.llamaCppRelease;
  checkRelease(release, libraryInfo.llamaRelease);
  return { native, libraryInfo, release, variant: llama.gpu === false ? 'cpu' : llama.gpu };
}

function checkRelease(loaded: string, built: string): void {
  if (loaded !== built) {
    const error = new Error(`llama.cpp ${loaded} is loaded, the addon was built for ${built}`);
    throw Object.assign(error, { code: 'ERR_WARMFORK_LIBRARY' });
  }
}
