import { step } from '../lib/steps.ts';
import { buildFuzzTargets, fuzz, fuzzTargets } from '../native/fuzzing.ts';
import type { SuiteResult } from './suite.ts';

const secondsEach = 8;

/** Hostile session files: replays the corpus and fuzzes each target for some seconds more. */
export async function runFuzz(): Promise<SuiteResult> {
  const build = await step('build the fuzz targets', buildFuzzTargets);
  console.log(build.compiler ?? 'no clang with libFuzzer: inputs are mutated blindly');
  const failures: string[] = [];
  for (const target of fuzzTargets) {
    const { code, output } = await fuzz(build, target, secondsEach);
    const lines = output.trim().split('\n');
    console.log(`${target.name}: ${lines.findLast((line) => line.includes(' inputs, ')) ?? ''}`);
    if (code !== 0)
      failures.push(`${target.name}: exit code ${code}\n${lines.slice(-40).join('\n')}`);
  }
  const failed = failures.length;
  return { passed: fuzzTargets.length - failed, failed, skipped: 0, failures };
}
