import { run } from '../lib/processes.ts';
import { step } from '../lib/steps.ts';
import { buildCppTests } from '../native/cppTests.ts';
import { checked, type SuiteResult } from './suite.ts';

/** Builds and runs the C++ tests. */
export async function runCtest(): Promise<SuiteResult> {
  const folder = await step('build the C++ tests', () => buildCppTests({ folder: 'cmake-tests' }));
  return runBuiltCtest(folder);
}

/** Runs every C++ test of a build, with what its programs need in `env`. */
export async function runBuiltCtest(
  folder: string,
  env: Readonly<Record<string, string>> = {},
): Promise<SuiteResult> {
  const args = ['--test-dir', folder, '--verbose', '--timeout', '300'];
  const { code, output } = await run('ctest', args, { output: 'both', env });
  return checked('ctest', ctestCounts(output), code);
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
