import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import process from 'node:process';
import type { SerializedError } from 'vitest';
import type { Reporter, TestModule } from 'vitest/node';
import { vitestCounts, type VitestFacts } from './vitest.ts';

/**
 * Writes the counts of a run as a `SuiteResult` into the file that WARMFORK_VITEST_RESULT names. Vitest's own JSON knows nothing of what goes
 * wrong outside of tests: in a file, in a hook, or nowhere in particular.
 */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const file = process.env['WARMFORK_VITEST_RESULT'];
    if (file === undefined) return;
    const facts: VitestFacts = {
      tests: modules.flatMap(testsOf),
      outside: [
        ...modules.flatMap(errorsOf),
        ...unhandled.map((error) => ['unhandled', error] as const),
      ].map(([where, error]) => `${where}\n${error.stack ?? error.message}`),
    };
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify(vitestCounts(facts), null, 2));
  }
}

function testsOf(module: TestModule): VitestFacts['tests'] {
  return [...module.children.allTests()].map((test) => {
    const { state, errors } = test.result();
    return {
      name: `${module.relativeModuleId}: ${test.fullName}`,
      state,
      messages: (errors ?? []).map((error) => error.stack ?? error.message),
    };
  });
}

/** What failed outside of tests: the file itself, and the hooks of its suites. */
function errorsOf(module: TestModule): (readonly [where: string, error: SerializedError])[] {
  const suites = [...module.children.allSuites()];
  return [
    ...module.errors().map((error) => [module.relativeModuleId, error] as const),
    ...suites.flatMap((suite) =>
      suite
        .errors()
        .map((error) => [`${module.relativeModuleId}: ${suite.fullName}`, error] as const),
    ),
  ];
}
