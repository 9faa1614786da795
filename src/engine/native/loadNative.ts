import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type * as Native from '../../../native/index.d.ts';

/** The addon's exports. */
export type NativeModule = typeof Native;

const FILE = 'warmfork.node';

/**
 * Loads the addon: `WARMFORK_NATIVE` if set, else the one packaged beside the bundle, else the one that
 * scripts/build-native.ts built. Throws an error with code `ERR_WARMFORK_LIBRARY` when there is none.
 */
export function loadNative(): NativeModule {
  const require = createRequire(import.meta.url);
  return require(findNative()) as NativeModule;
}

function findNative(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const candidates = process.env['WARMFORK_NATIVE']
    ? [process.env['WARMFORK_NATIVE']]
    : [
        join(here, 'native', FILE), // packaged
        join(here, '..', 'build', 'native', FILE), // a bundle in the repository
        join(here, '..', '..', '..', 'build', 'native', FILE), // the sources
      ];
  const found = candidates.find((path) => existsSync(path));
  if (found === undefined) {
    const error = new Error(`The native addon is missing: ${candidates.join(', ')}`);
    throw Object.assign(error, { code: 'ERR_WARMFORK_LIBRARY' });
  }
  return found;
}
