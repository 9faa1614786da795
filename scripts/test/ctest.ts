import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { inRoot, root } from '../lib/paths.ts';
import { run, runOrThrow } from '../lib/processes.ts';
import { step } from '../lib/steps.ts';
import { extractLlamaHeaders } from '../native/llamaHeaders.ts';
import { checked, type SuiteResult } from './suite.ts';

const buildFolder = inRoot('build', 'cmake-tests');

/** Builds and runs the C++ tests. */
export async function runCtest(): Promise<SuiteResult> {
  await step('build the C++ tests', buildTests);
  const args = ['--test-dir', buildFolder, '--verbose', '--timeout', '300'];
  const { code, output } = await run('ctest', args, { output: 'both' });
  return checked('ctest', ctestCounts(output), code);
}

async function buildTests(): Promise<void> {
  const { includeDirs } = extractLlamaHeaders(root);
  const generator = (await run('ninja', ['--version'])).code === 0 ? ['-G', 'Ninja'] : [];
  const isConfigured = existsSync(join(buildFolder, 'CMakeCache.txt'));
  await runOrThrow('cmake', [
    ...['-S', inRoot('native'), '-B', buildFolder],
    ...(isConfigured ? [] : generator),
    '-DWARMFORK_TESTS=ON',
    `-DLLAMA_INCLUDE_DIRS=${includeDirs.join(';')}`,
    `-DLLAMA_LIB_DIR=${llamaLibraries()}`,
    `-DWARMFORK_TEST_MODEL=${inRoot('models', 'stand-in.gguf')}`,
  ]);
  await runOrThrow('cmake', ['--build', buildFolder, '--parallel', '2']);
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

/**
 * Sums what each program printed as its last line (`12: 5 passed, 0 failed`, where 12 is ctest's number of it).
 * A program that failed without saying so (it crashed), and one that said nothing, count as one failure each.
 */
export function ctestCounts(output: string): SuiteResult {
  const counts = new Map<string, { passed: number; failed: number }>();
  for (const [, id, passed, failed] of output.matchAll(
    /^(\d+): (?:.*\D)?(\d+) passed, (\d+) failed/gm,
  )) {
    counts.set(id!, { passed: Number(passed), failed: Number(failed) });
  }
  const failures: string[] = [];
  for (const [, id, name, ending] of output.matchAll(
    /^ *\d+\/\d+ Test +#(\d+): (\S+) [. ]*(.*?) +[\d.]+ sec/gm,
  )) {
    const count = counts.get(id!) ?? { passed: 0, failed: 0 };
    const silent = count.passed + count.failed === 0;
    if (ending === 'Passed' ? silent : count.failed === 0) count.failed += 1;
    counts.set(id!, count);
    if (count.failed > 0) failures.push(`${name}: ${ending}\n${linesOf(output, id!)}`);
  }
  const sum = (key: 'passed' | 'failed') =>
    [...counts.values()].reduce((n, one) => n + one[key], 0);
  return { passed: sum('passed'), failed: sum('failed'), skipped: 0, failures };
}

function linesOf(output: string, id: string): string {
  const lines = output.split('\n').filter((line) => line.startsWith(`${id}: `));
  return lines
    .filter((line) => /fail|error|assert|FAIL/.test(line))
    .slice(0, 40)
    .join('\n');
}
