import { basename, dirname } from 'node:path';
import type { LibraryOptions } from '../../../native/index.d.ts';

/** `libllama.v0.5.0.so`, `libllama.dylib`, `llama.v0.5.0.dll`, but not `libllama-common.so`. */
const LLAMA = /^(lib)?llama(\.[^-]*)?\.(so|dylib|dll)$/;
const GGML = /^(lib)?ggml(\.[^-]*)?\.(so|dylib|dll)$/;

export type LlamaPaths = Pick<LibraryOptions, 'llamaPath' | 'ggmlPath'>;

/** The libllama that this process has loaded and the libggml beside it. Throws `ERR_WARMFORK_LIBRARY`. */
export function findLoadedLlama(): LlamaPaths {
  return pickLlama(loadedLibraries());
}

/** The last libllama wins: a backend that failed its test may have been loaded before. */
export function pickLlama(libraries: readonly string[]): LlamaPaths {
  const llamaPath = libraries.findLast((path) => LLAMA.test(basename(path)));
  if (llamaPath === undefined) {
    throw libraryError('libllama is not loaded in this process');
  }
  const ggmlPath = libraries.find(
    (path) => GGML.test(basename(path)) && dirname(path) === dirname(llamaPath),
  );
  if (ggmlPath === undefined) {
    throw libraryError(`libggml is not loaded beside ${llamaPath}`);
  }
  return { llamaPath, ggmlPath };
}

/** Without the network section of the report: that would look up host names. */
function loadedLibraries(): readonly string[] {
  const { report } = process;
  const { excludeNetwork } = report as { excludeNetwork?: boolean };
  (report as { excludeNetwork?: boolean }).excludeNetwork = true;
  try {
    return (report.getReport() as { sharedObjects: readonly string[] }).sharedObjects;
  } finally {
    (report as { excludeNetwork?: boolean }).excludeNetwork = excludeNetwork ?? false;
  }
}

function libraryError(message: string): Error {
  return Object.assign(new Error(message), { code: 'ERR_WARMFORK_LIBRARY' });
}
