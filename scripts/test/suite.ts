/** What one suite of `npm test` gives. */
export interface SuiteResult {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** One entry for each failure, with its message, shown again at the end. */
  readonly failures: readonly string[];
}

export interface Suite {
  readonly name: string;
  readonly title: string;
  /** Everything must be built before. */
  readonly needsBuild: boolean;
  /** Runs in a workbench in Chromium. */
  readonly needsBrowser: boolean;
  /** `offline`: without a route to anywhere, if the suite knows how. */
  run(offline: boolean): Promise<SuiteResult>;
}

/** A suite that is one test: it holds or it does not. */
export function oneTest(title: string, failure: string | undefined): SuiteResult {
  return failure === undefined
    ? { passed: 1, failed: 0, skipped: 0, failures: [] }
    : failedSuite(`${title}: ${failure}`);
}

export function failedSuite(failure: string): SuiteResult {
  return { passed: 0, failed: 1, skipped: 0, failures: [failure] };
}

/** Whatever a runner reported: no tests, or a bad exit code without a failed test, is a failure of its own. */
export function checked(title: string, result: SuiteResult, exitCode: number): SuiteResult {
  if (result.failed > 0) return result;
  const { passed, skipped } = result;
  if (exitCode !== 0)
    return { ...failedSuite(`${title} ended with exit code ${exitCode}`), passed, skipped };
  if (passed === 0) return { ...failedSuite(`${title} ran no test`), skipped };
  return result;
}
