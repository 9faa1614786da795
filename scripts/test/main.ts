/**
 * `npm test [-- --only unit,host] [--offline]`: builds, runs every suite, cheapest first, and sums them up. The last line is
 * `N passed, N failed` (`, N skipped` if any); any failure gives exit code 1.
 */
import process from 'node:process';
import { parseArgs } from 'node:util';
import { ensureCodeServer } from '../codeServer/setup.ts';
import { ensureBuilt } from '../lib/build.ts';
import { formatSeconds } from '../lib/steps.ts';
import { ensureChromium } from './chromium.ts';
import { reportLines, summaryLine, totals, type Row } from './report.ts';
import { failedSuite, type Suite, type SuiteResult } from './suite.ts';
import { suites } from './suites.ts';

const { values } = parseArgs({
  options: { only: { type: 'string' }, offline: { type: 'boolean', default: false } },
});
const rows: Row[] = [];

const selected = selectSuites(values.only);
const obstacles = await prepare(selected);
for (const suite of selected) rows.push(await timed(suite.name, () => runSuite(suite)));

const sum = totals(rows);
for (const line of reportLines(rows)) console.log(line);
console.log(summaryLine(sum));
process.exitCode = sum.failed > 0 ? 1 : 0;

function selectSuites(only: string | undefined): readonly Suite[] {
  if (only === undefined) return suites;
  const names = only.split(',');
  const unknown = names.filter((name) => suites.every((suite) => suite.name !== name));
  if (unknown.length === 0) return suites.filter((suite) => names.includes(suite.name));
  console.error(
    `No suite ${unknown.join(', ')}; there are: ${suites.map((s) => s.name).join(', ')}`,
  );
  process.exit(2);
}

/** Builds, and makes the browser ready; what is in the way of the suites that need it. */
async function prepare(chosen: readonly Suite[]): Promise<{ build?: string; browser?: string }> {
  const build = chosen.some((suite) => suite.needsBuild)
    ? await obstacle(ensureBuilt().then(() => undefined))
    : undefined;
  const browser = chosen.some((suite) => suite.needsBrowser)
    ? await obstacle(prepareBrowser())
    : undefined;
  return { ...(build && { build }), ...(browser && { browser }) };
}

async function prepareBrowser(): Promise<string | undefined> {
  if ((await ensureChromium()) === undefined) {
    return 'there is no Chromium (install it, or name one in the environment variable CHROMIUM)';
  }
  await ensureCodeServer();
  return undefined;
}

async function obstacle(work: Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await work;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    console.log(text);
    return text;
  }
}

async function timed(name: string, work: () => Promise<SuiteResult>): Promise<Row> {
  const start = Date.now();
  const result = await work();
  const ms = Date.now() - start;
  console.log(
    `${result.failed === 0 ? '✓' : '✗'} ${name}  ${summaryLine(result)}  ${formatSeconds(ms)}`,
  );
  return { name, result, ms };
}

async function runSuite(suite: Suite): Promise<SuiteResult> {
  console.log(`\n→ ${suite.name}: ${suite.title}`);
  if (suite.needsBuild && obstacles.build !== undefined) {
    return failedSuite(`not run, the build failed: ${obstacles.build}`);
  }
  if (suite.needsBrowser && obstacles.browser !== undefined) return withoutBrowser(suite);
  try {
    return await suite.run(values.offline);
  } catch (error) {
    return failedSuite(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
}

/** On a person's machine a missing browser is said aloud; under CI it is a failure. */
function withoutBrowser(suite: Suite): SuiteResult {
  const text = `not run: ${obstacles.browser}`;
  if (process.env['CI']) return failedSuite(text);
  console.log(`${suite.name} (${suite.title}) was ${text}`);
  return { passed: 0, failed: 0, skipped: 1, failures: [] };
}
