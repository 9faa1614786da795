import { readFileSync, rmSync } from 'node:fs';
import process from 'node:process';
import { inRoot } from '../lib/paths.ts';
import { run } from '../lib/processes.ts';
import { offlinePrefix } from './offline.ts';
import { checked, failedSuite, type SuiteResult } from './suite.ts';

/** What a run of vitest was. */
export interface VitestFacts {
  readonly tests: readonly {
    readonly name: string;
    readonly state: 'passed' | 'failed' | 'skipped' | 'pending';
    readonly messages: readonly string[];
  }[];
  /** Errors of files and hooks, and unhandled ones. */
  readonly outside: readonly string[];
}

export interface VitestOptions {
  /** Where this machine can do it: without a route to anywhere. The tests are told by WARMFORK_OFFLINE=1. */
  readonly offline?: boolean;
}

/** Runs one project of vitest.config.ts. */
export async function runVitest(
  project: string,
  { offline = false }: VitestOptions = {},
): Promise<SuiteResult> {
  const file = inRoot('test-results', `${project}.json`);
  rmSync(file, { force: true });
  const reporters = ['default', inRoot('scripts/test/vitestReporter.ts')];
  const prefix = offline ? await offlinePrefix() : undefined;
  if (offline && prefix === undefined) console.log(`${project}: with the network of this machine`);
  const [command = '', ...args] = [
    ...(prefix ?? []),
    ...[process.execPath, inRoot('node_modules/vitest/vitest.mjs')],
    ...['run', '--project', project],
    ...reporters.map((reporter) => `--reporter=${reporter}`),
  ];
  const env = { WARMFORK_VITEST_RESULT: file, WARMFORK_OFFLINE: prefix && '1' };
  const { code } = await run(command, args, { output: 'inherit', env });
  return checked(`vitest ${project}`, readResult(file), code);
}

function readResult(file: string): SuiteResult {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as SuiteResult;
  } catch {
    return failedSuite('vitest ended without a report');
  }
}

/** Each error outside of a test counts as one failure. */
export function vitestCounts({ tests, outside }: VitestFacts): SuiteResult {
  const inState = (state: string) => tests.filter((test) => test.state === state);
  const failed = inState('failed');
  return {
    passed: inState('passed').length,
    failed: failed.length + outside.length,
    skipped: inState('skipped').length + inState('pending').length,
    failures: [...failed.map(({ name, messages }) => [name, ...messages].join('\n')), ...outside],
  };
}
