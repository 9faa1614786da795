import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { inRoot, root } from '../lib/paths.ts';
import { run, runOrThrow } from '../lib/processes.ts';
import { extractLlamaHeaders } from './llamaHeaders.ts';

export interface CppTestBuild {
  /** Below `build/`. */
  readonly folder: string;
  /** More arguments for CMake, e.g. `-DWARMFORK_SANITIZE=thread`. */
  readonly options?: readonly string[];
  /** Default: all. */
  readonly targets?: readonly string[];
}

/** Configures and builds the C++ tests. Returns the folder they are in; throws with the compiler's words. */
export async function buildCppTests(build: CppTestBuild): Promise<string> {
  const folder = inRoot('build', build.folder);
  const { includeDirs } = extractLlamaHeaders(root);
  const generator = (await run('ninja', ['--version'])).code === 0 ? ['-G', 'Ninja'] : [];
  const isConfigured = existsSync(join(folder, 'CMakeCache.txt'));
  await runOrThrow('cmake', [
    ...['-S', inRoot('native'), '-B', folder],
    ...(isConfigured ? [] : generator),
    '-DWARMFORK_TESTS=ON',
    `-DLLAMA_INCLUDE_DIRS=${includeDirs.join(';')}`,
    `-DLLAMA_LIB_DIR=${llamaLibraries()}`,
    `-DWARMFORK_TEST_MODEL=${inRoot('models', 'stand-in.gguf')}`,
    ...(build.options ?? []),
  ]);
  const targets = build.targets === undefined ? [] : ['--target', ...build.targets];
  await runOrThrow('cmake', ['--build', folder, '--parallel', '2', ...targets]);
  return folder;
}

/** The folder with the prebuilt CPU libraries of llama.cpp for this machine. */
function llamaLibraries(): string {
  const system = { darwin: 'mac', win32: 'win' }[process.platform as string] ?? process.platform;
  const packages = readdirSync(inRoot('node_modules/@node-llama-cpp'));
  const name = packages.find((one) => one.startsWith(`${system}-${process.arch}`));
  if (name === undefined)
    throw new Error(`node-llama-cpp has no libraries for ${system}-${process.arch}`);
  return inRoot('node_modules/@node-llama-cpp', name, 'bins', name);
}
