/**
 * `npm run test:sanitize [-- --only address|thread]`: builds the C++ tests under the sanitizers of the default compiler
 * and runs them all. Any report of a sanitizer ends its program and fails the run.
 */
import process from 'node:process';
import { parseArgs } from 'node:util';
import { step } from './lib/steps.ts';
import { buildCppTests } from './native/cppTests.ts';
import { runBuiltCtest } from './test/ctest.ts';
import { summaryLine } from './test/report.ts';

interface Sanitizer {
  readonly name: string;
  readonly flags: string;
  readonly env: Readonly<Record<string, string>>;
}

const sanitizers: readonly Sanitizer[] = [
  {
    name: 'address',
    flags: 'address,undefined',
    env: {
      ASAN_OPTIONS: 'detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1',
      UBSAN_OPTIONS: 'print_stacktrace=1',
    },
  },
  { name: 'thread', flags: 'thread', env: { TSAN_OPTIONS: 'halt_on_error=1' } },
];

const { values } = parseArgs({ options: { only: { type: 'string' } } });
for (const sanitizer of sanitizers) {
  if (values.only !== undefined && values.only !== sanitizer.name) continue;
  const folder = await step(`build with -fsanitize=${sanitizer.flags}`, () =>
    buildCppTests({
      folder: `cmake-${sanitizer.name}`,
      options: ['-DCMAKE_BUILD_TYPE=RelWithDebInfo', `-DWARMFORK_SANITIZE=${sanitizer.flags}`],
    }),
  );
  const result = await runBuiltCtest(folder, sanitizer.env);
  for (const failure of result.failures) console.log(failure);
  console.log(`${sanitizer.name}: ${summaryLine(result)}`);
  if (result.failed > 0) process.exitCode = 1;
}
