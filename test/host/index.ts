/**
 * The module that VS Code loads into the extension host for a test run (`extensionTestsPath`): runs every bundled suite beside it
 * with mocha. Its last act is the result file, without which the runner calls the run a failure.
 */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Mocha from 'mocha';

interface HostResult {
  passed: number;
  failed: number;
  skipped: number;
  failures: string[];
}

export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: 'bdd', timeout: 60_000, reporter: 'spec', color: false });
  const suites = join(__dirname, 'suite');
  for (const file of readdirSync(suites).filter((name) => name.endsWith('.test.cjs'))) {
    mocha.addFile(join(suites, file));
  }
  const result = await runMocha(mocha);
  writeResult(result);
  if (result.failed > 0) throw new Error(`${result.failed} tests failed`);
}

function runMocha(mocha: Mocha): Promise<HostResult> {
  const result: HostResult = { passed: 0, failed: 0, skipped: 0, failures: [] };
  return new Promise((resolve) => {
    const runner = mocha.run(() => resolve(result));
    runner.on('pass', () => result.passed++);
    runner.on('pending', () => result.skipped++);
    runner.on('fail', (test, error: Error) => {
      result.failed++;
      result.failures.push(`${test.fullTitle()}\n${error.stack ?? error.message}`);
    });
  });
}

function writeResult(result: HostResult): void {
  const file = process.env['WARMFORK_HOST_RESULT'];
  if (file === undefined) return;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(result, null, 2));
}
