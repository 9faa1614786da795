/** The suite `windows`: the C++ tests, cross-compiled for Windows and run under Wine. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { inRoot, root } from '../lib/paths.ts';
import { run, runOrThrow } from '../lib/processes.ts';
import { step } from '../lib/steps.ts';
import { extractLlamaHeaders } from '../native/llamaHeaders.ts';
import { aptInstall } from './aptInstall.ts';
import { runBuiltCtest } from './ctest.ts';
import { failedSuite, type SuiteResult } from './suite.ts';

interface Tool {
  /** Any of these will do, as in native/cmake/mingw-w64.cmake. */
  readonly names: readonly string[];
  readonly debianPackage: string;
}

const tools: readonly Tool[] = [
  {
    names: ['x86_64-w64-mingw32-g++-posix', 'x86_64-w64-mingw32-g++'],
    debianPackage: 'g++-mingw-w64-x86-64',
  },
  { names: ['wine64', 'wine'], debianPackage: 'wine64' },
];

const buildFolder = inRoot('build', 'cmake-windows');

/** Wine's own world, so that nobody's is touched; no questions, no dialogs. */
const wineEnvironment = {
  WINEPREFIX: inRoot('build', 'wine'),
  WINEDEBUG: '-all',
  WINEDLLOVERRIDES: 'mscoree,mshtml=',
};

export async function runWindowsTests(): Promise<SuiteResult> {
  if (process.platform === 'win32') return notRun('the suite cpp runs the same tests here');
  const missing = await ensureTools();
  if (missing.length > 0) {
    const text = `there is no ${missing.join(' and no ')}`;
    return process.env['CI'] ? failedSuite(`not run: ${text}`) : notRun(text);
  }
  await step('build the C++ tests for Windows', build);
  return runBuiltCtest(buildFolder, wineEnvironment);
}

/** Installs what is missing where it may, and names what is missing then. */
async function ensureTools(): Promise<string[]> {
  const lacking = tools.filter((tool) => !isThere(tool));
  if (lacking.length > 0) await aptInstall(lacking.map((tool) => tool.debianPackage));
  return lacking
    .filter((tool) => !isThere(tool))
    .map((tool) => `${tool.names.at(-1)} (on Debian: package ${tool.debianPackage})`);
}

function isThere({ names }: Tool): boolean {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/lib/wine'];
  return folders.some((folder) => names.some((name) => existsSync(join(folder, name))));
}

async function build(): Promise<void> {
  const { includeDirs } = extractLlamaHeaders(root);
  const generator = (await run('ninja', ['--version'])).code === 0 ? ['-G', 'Ninja'] : [];
  const isConfigured = existsSync(join(buildFolder, 'CMakeCache.txt'));
  await runOrThrow('cmake', [
    ...['-S', inRoot('native'), '-B', buildFolder],
    ...(isConfigured ? [] : generator),
    `-DCMAKE_TOOLCHAIN_FILE=${inRoot('native', 'cmake', 'mingw-w64.cmake')}`,
    '-DWARMFORK_TESTS=ON',
    `-DLLAMA_INCLUDE_DIRS=${includeDirs.join(';')}`,
  ]);
  await runOrThrow('cmake', ['--build', buildFolder, '--parallel', '2']);
}

function notRun(text: string): SuiteResult {
  console.log(`windows was not run: ${text}`);
  return { passed: 0, failed: 0, skipped: 1, failures: [] };
}
