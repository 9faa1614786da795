import { existsSync, readFileSync, rmSync } from 'node:fs';
import process from 'node:process';
import { inRoot } from '../lib/paths.ts';
import { run } from '../lib/processes.ts';
import { checked, failedSuite, oneTest, type SuiteResult } from './suite.ts';

/** A command line tool that is one test: exit code 0 is a pass. */
export async function runTool(
  title: string,
  script: string,
  argumentLists: readonly (readonly string[])[],
): Promise<SuiteResult> {
  for (const args of argumentLists) {
    const { code, output } = await run(process.execPath, [inRoot(script), ...args]);
    if (code === 0) continue;
    process.stdout.write(output);
    return oneTest(title, `exit code ${code}\n${output.slice(-4000)}`);
  }
  return oneTest(title, undefined);
}

/** A program of ours that writes a `SuiteResult` into the file it is given; without that file it has failed. */
export async function runProgram(title: string, program: string): Promise<SuiteResult> {
  const file = inRoot('test-results', `${title}.json`);
  rmSync(file, { force: true });
  const args = ['--import', 'tsx', inRoot(program), '--result', file];
  const { code } = await run(process.execPath, args, { output: 'inherit' });
  if (!existsSync(file)) return failedSuite(`${title} ended (exit code ${code}) without a result`);
  return checked(title, JSON.parse(readFileSync(file, 'utf8')) as SuiteResult, code);
}
