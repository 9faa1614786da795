import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import process from 'node:process';
import { inRoot } from '../lib/paths.ts';
import { run } from '../lib/processes.ts';
import { checked, failedSuite, type SuiteResult } from './suite.ts';

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages: readonly string[] | null;
    }[];
  }[];
}

/** Runs one project of vitest.config.ts. */
export async function runVitest(project: string): Promise<SuiteResult> {
  const file = inRoot('test-results', `${project}.json`);
  mkdirSync(dirname(file), { recursive: true });
  rmSync(file, { force: true });
  const { code } = await run(
    process.execPath,
    [
      inRoot('node_modules/vitest/vitest.mjs'),
      ...['run', '--project', project],
      ...['--reporter=default', '--reporter=json', `--outputFile.json=${file}`],
    ],
    { output: 'inherit' },
  );
  return checked(`vitest ${project}`, readReport(file), code);
}

function readReport(file: string): SuiteResult {
  let report: VitestReport;
  try {
    report = JSON.parse(readFileSync(file, 'utf8')) as VitestReport;
  } catch {
    return failedSuite('vitest ended without a report');
  }
  return vitestCounts(report);
}

/** A file that could not even be loaded has no failed test of its own and counts as one. */
export function vitestCounts(report: VitestReport): SuiteResult {
  const broken = report.testResults.filter(
    (file) =>
      file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
  );
  const failures = report.testResults
    .flatMap((file) => file.assertionResults)
    .filter((test) => test.status === 'failed')
    .map((test) => `${test.fullName}\n${(test.failureMessages ?? []).join('\n')}`);
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests + report.numTodoTests,
    failures: [...failures, ...broken.map((file) => `${file.name}\n${file.message}`)],
  };
}
