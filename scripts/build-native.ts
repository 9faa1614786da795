import { createHash } from 'node:crypto';
import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { extractLlamaHeaders } from './native/llamaHeaders.ts';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);

export interface NativeBuild {
  /** The addon: build/native/warmfork.node. */
  readonly path: string;
  readonly ms: number;
}

export interface NativeBuildOptions {
  /** Default Release. */
  readonly buildType?: 'Release' | 'Debug' | 'RelWithDebInfo';
  readonly jobs?: number;
  /** For another platform: the name of a CMake toolchain file in native/cmake, and of folders of its own below build/. */
  readonly cross?: { readonly toolchainFile: string; readonly name: string };
}

/**
 * Builds the addon with CMake: Ninja if there is one, the platform's own build tool otherwise. Does next to nothing
 * when nothing changed. Throws an error that says which tool is missing.
 */
export function buildNative(options: NativeBuildOptions = {}): NativeBuild {
  const start = performance.now();
  const suffix = options.cross === undefined ? '' : `-${options.cross.name}`;
  const buildDir = join(root, 'build', `cmake${suffix}`);
  const outDir = join(root, 'build', `native${suffix}`);
  const args = [
    ...configureArguments(outDir, options.buildType ?? 'Release'),
    ...toolchainArguments(options),
  ];

  configureIfChanged(buildDir, args);
  const jobs = String(options.jobs ?? 2);
  run('cmake', [
    ...['--build', buildDir, '--target', 'warmfork', '--parallel', jobs],
    ...['--config', options.buildType ?? 'Release'],
  ]);
  return { path: join(outDir, 'warmfork.node'), ms: performance.now() - start };
}

function configureArguments(outDir: string, buildType: string): readonly string[] {
  const headers = extractLlamaHeaders(root);
  const addonApi = (require('node-addon-api') as { include_dir: string }).include_dir;
  const nodeApi = require('node-api-headers') as {
    include_dir: string;
    def_paths: { node_api_def: string };
  };
  return [
    ...['-S', join(root, 'native')],
    `-DCMAKE_BUILD_TYPE=${buildType}`,
    '-DWARMFORK_ADDON=ON',
    `-DWARMFORK_ADDON_DIR=${outDir}`,
    `-DWARMFORK_LLAMA_RELEASE=${headers.release}`,
    `-DLLAMA_INCLUDE_DIRS=${headers.includeDirs.join(';')}`,
    `-DNODE_API_INCLUDE_DIRS=${resolve(root, addonApi)};${nodeApi.include_dir}`,
    `-DNODE_API_DEF=${nodeApi.def_paths.node_api_def}`,
  ];
}

function toolchainArguments({ cross }: NativeBuildOptions): readonly string[] {
  if (cross === undefined) return [];
  return [`-DCMAKE_TOOLCHAIN_FILE=${join(root, 'native', 'cmake', cross.toolchainFile)}`];
}

/** CMake itself runs configure again when a CMakeLists.txt changes; only other arguments are looked at here. */
function configureIfChanged(buildDir: string, args: readonly string[]): void {
  const stamp = join(buildDir, 'configured.sha256');
  const wanted = createHash('sha256').update(args.join('\n')).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) {
    return;
  }
  requireTool('cmake', 'CMake 3.19 or newer');
  rmSync(join(buildDir, 'CMakeCache.txt'), { force: true });
  mkdirSync(buildDir, { recursive: true });
  run('cmake', [...args, ...(hasTool('ninja') ? ['-G', 'Ninja'] : []), '-B', buildDir]);
  writeFileSync(stamp, wanted);
}

function hasTool(tool: string): boolean {
  return spawnSync(tool, ['--version'], { stdio: 'ignore' }).status === 0;
}

function requireTool(tool: string, description: string): void {
  if (!hasTool(tool)) {
    throw new Error(`${description} is needed to build the addon, and "${tool}" was not found.`);
  }
}

function run(command: string, args: readonly string[]): void {
  const result = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 26 });
  if (result.status !== 0) {
    throw new Error(`${command} ${args.join(' ')} failed.${hint(result)}\n${output(result)}`);
  }
}

function hint(result: SpawnSyncReturns<string>): string {
  return /No CMAKE_(C|CXX)_COMPILER|CMAKE_(C|CXX)_COMPILER not set/.test(output(result))
    ? ' A C++17 compiler is needed (g++, clang, or Visual Studio).'
    : '';
}

function output(result: SpawnSyncReturns<string>): string {
  return result.error === undefined ? result.stdout + result.stderr : result.error.message;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const { path, ms } = buildNative();
    console.log(`${path} (${(ms / 1000).toFixed(2)} s)`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
