/**
 * Runs the suites of test/host/suite in the real extension host of code-server, with the extension from this repository:
 * `tsx test/host/run.ts --result FILE`. VS Code reports success when its extension host dies in the middle of a run, so only
 * the result file that `index.ts` writes at its very end counts.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import process from 'node:process';
import { format, parseArgs } from 'node:util';
import { bundleProbe } from '../../bench/host/bundleProbe.ts';
import { startServer, workbenchUrl, type RunningServer } from '../../scripts/codeServer/server.ts';
import { inRoot, root } from '../../scripts/lib/paths.ts';
import { failedSuite, type SuiteResult } from '../../scripts/test/suite.ts';
import { openPage } from '../ui/harness/workbench.ts';
import { editorSettings, makeWorkspace, temporaryFolder } from '../ui/harness/workspace.ts';
import { bundleHostTests } from './bundle.ts';

const { values } = parseArgs({
  options: {
    result: { type: 'string', default: inRoot('test-results', 'host.json') },
    timeout: { type: 'string', default: '600' },
  },
});

/** Chatter of the workbench itself. */
const noise =
  /AgentHost|ChatModelSelection|AccountPolicyGate|Creating a socket|connection token|reconnection-grace-time|Service Worker|open-vsx|builtin extensions|vsda/;

const folder = temporaryFolder('host');
const hostResult = join(folder, 'result.json');
const testsPath = await bundleHostTests();
makeWorkspace(join(folder, 'workspace'));
mkdirSync(join(folder, 'home'));

const server = await startServer({
  profile: join(folder, 'profile'),
  smokeTestDriver: true,
  settings: editorSettings,
  nodeArguments: ['--require', (await bundleProbe()).probe],
  env: { HOME: join(folder, 'home') },
});
const code = await runInHost(server).finally(() => server.stop());
const result = readResult();
if (result.failed > 0) keepLogs();
mkdirSync(dirname(resolve(values.result)), { recursive: true });
writeFileSync(values.result, JSON.stringify(result, null, 2));
rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
console.log(`${result.passed} passed, ${result.failed} failed`);
process.exit(result.failed > 0 || code !== 0 ? 1 : 0);

/** Resolves to the exit code of the test run as VS Code tells it. */
async function runInHost(running: RunningServer): Promise<number> {
  let finish: (code: number) => void = () => undefined;
  const exit = new Promise<number>((resolveExit) => (finish = resolveExit));
  const url = workbenchUrl(running, {
    folder: join(folder, 'workspace'),
    developmentPath: root,
    payload: [
      ['extensionTestsPath', `vscode-remote://${running.authority}${testsPath}`],
      ['extensionEnvironment', JSON.stringify(hostEnvironment())],
      ['enableProposedApi', ''],
      ['skipWelcome', 'true'],
      ['skipReleaseNotes', 'true'],
    ],
  });
  const [browser] = await openPage(url, {
    expose: {
      codeAutomationLog: (type: string, args: unknown[]) => showLog(type, format(...args)),
      codeAutomationExit: (exitCode: number) => finish(exitCode),
    },
  });
  const timer = setTimeout(() => finish(99), Number(values.timeout) * 1000);
  try {
    return await exit;
  } finally {
    clearTimeout(timer);
    await browser.close();
  }
}

function hostEnvironment(): Record<string, string> {
  return {
    WARMFORK_HOST_RESULT: hostResult,
    WARMFORK_STORAGE: join(folder, 'storage'),
    WARMFORK_RUNTIME_DIR: join(folder, 'run'),
    WARMFORK_LINGER_MS: '0',
    WARMFORK_TRACE: join(folder, 'trace.jsonl'),
  };
}

function showLog(type: string, text: string): void {
  if (noise.test(text)) return;
  console.log(type === 'error' || type === 'warn' ? `[${type}] ${text}` : text);
}

/** For the person who looks into a failure. */
function keepLogs(): void {
  const kept = inRoot('test-results', 'host-logs');
  rmSync(kept, { recursive: true, force: true });
  cpSync(join(folder, 'profile', 'user-data', 'logs'), kept, { recursive: true });
  console.log(`logs: ${kept}`);
}

function readResult(): SuiteResult {
  if (existsSync(hostResult)) return JSON.parse(readFileSync(hostResult, 'utf8')) as SuiteResult;
  const why = code === 99 ? 'did not end in time' : `ended (code ${code}) in the middle of the run`;
  return failedSuite(`the extension host ${why}; the server's log is in ${folder}`);
}
