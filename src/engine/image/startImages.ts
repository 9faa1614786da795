/** Whether bases are mapped in place in this engine: decided once, at start, with the reason in words. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ImageFiles, Model } from '../../../native/index.js';
import { makePrivateDirectory } from '../../cache/files.ts';
import type { InitializeParams } from '../../protocol/settings.ts';
import type { LlamaLibrary } from '../native/loadLlama.ts';
import { selfTest } from './selfTest.ts';

/** For tests: does something to the self-test's image before it is opened. */
export type Tamper = (files: ImageFiles) => Promise<void>;

/**
 * Undefined when they are; the self-test runs while the model is loaded.
 * @param tamper for tests
 */
export async function whyNoImages(
  { settings, modelPath, storagePath }: InitializeParams,
  { native, libraryInfo, variant }: LlamaLibrary,
  tamper?: Tamper,
): Promise<string | undefined> {
  if (!settings.baseInPlace) return 'by setting';
  if (settings.persist === 'none') return 'nothing is kept on disk, by setting';
  if (settings.sessionIo !== 'mapped') return 'session files are not mapped, by setting';
  if (!libraryInfo.mmapSupported) return 'this system maps no session files';
  if (!libraryInfo.imagesSupported) return 'this build of llama.cpp does not allow it';
  if (variant !== 'cpu') return `the cells are in the memory of the ${variant} device`;
  try {
    await makePrivateDirectory(storagePath);
  } catch (error) {
    return `there is no place for images: ${(error as Error).message}`;
  }
  const small = findStandIn() ?? modelPath;
  const { kvType } = settings;
  return selfTest({ native, modelPath: small, directory: storagePath, kvType, tamper });
}

/** What llama.cpp says of the model itself. */
export function whyNotThisModel({ info }: Model): string | undefined {
  if (info.nSwa > 0) return 'the model has a sliding window, with cells in two buffers';
  return undefined;
}

/** It comes with the extension, and is small enough to be tried at every start. */
export function findStandIn(): string | undefined {
  const here = dirname(fileURLToPath(import.meta.url));
  const candidates = [
    join(here, '..', 'models', 'stand-in.gguf'), // beside the bundle
    join(here, '..', '..', '..', 'models', 'stand-in.gguf'), // the sources
  ];
  return candidates.find((path) => existsSync(path));
}
