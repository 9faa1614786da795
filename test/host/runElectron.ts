/** The same suites in a desktop VS Code, downloaded by @vscode/test-electron or named in VSCODE_EXECUTABLE: `npm run test:electron`. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { runTests } from '@vscode/test-electron';
import { ensureBuilt } from '../../scripts/lib/build.ts';
import { root } from '../../scripts/lib/paths.ts';
import type { SuiteResult } from '../../scripts/test/suite.ts';
import { editorSettings, makeWorkspace, temporaryFolder } from '../ui/harness/workspace.ts';
import { bundleHostTests } from './bundle.ts';

await ensureBuilt();
const folder = temporaryFolder('electron');
const result = join(folder, 'result.json');
const workspace = makeWorkspace(join(folder, 'workspace'));
const user = join(folder, 'profile', 'User');
mkdirSync(user, { recursive: true });
writeFileSync(join(user, 'settings.json'), JSON.stringify(editorSettings));
const executable = process.env['VSCODE_EXECUTABLE'];

const code = await runTests({
  ...(executable === undefined ? {} : { vscodeExecutablePath: executable }),
  extensionDevelopmentPath: root,
  extensionTestsPath: await bundleHostTests(),
  launchArgs: [workspace, '--user-data-dir', join(folder, 'profile'), '--disable-extensions'],
  extensionTestsEnv: {
    WARMFORK_HOST_RESULT: result,
    WARMFORK_STORAGE: join(folder, 'storage'),
    WARMFORK_RUNTIME_DIR: join(folder, 'run'),
    WARMFORK_LINGER_MS: '0',
    WARMFORK_TRACE: join(folder, 'trace.jsonl'),
  },
});
const { passed, failed } = JSON.parse(readFileSync(result, 'utf8')) as SuiteResult;
console.log(`${passed} passed, ${failed} failed`);
process.exit(code !== 0 || failed > 0 ? 1 : 0);
