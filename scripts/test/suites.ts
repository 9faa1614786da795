import { existsSync } from 'node:fs';
import { inRoot } from '../lib/paths.ts';
import { runProgram, runTool } from './commands.ts';
import { runCtest } from './ctest.ts';
import { runFuzz } from './fuzz.ts';
import type { Suite } from './suite.ts';
import { runVitest } from './vitest.ts';
import { runWindowsTests } from './windows.ts';

interface Needs {
  readonly build?: boolean;
  readonly browser?: boolean;
}

function suite(name: string, title: string, needs: Needs, run: Suite['run']): Suite {
  const { build = false, browser = false } = needs;
  return { name, title, needsBuild: build, needsBrowser: browser, run };
}

const typescript = 'node_modules/typescript/bin/tsc';
const typeProjects = ['.', 'media'].filter((folder) => existsSync(inRoot(folder, 'tsconfig.json')));

/** Every suite, cheapest first. */
export const suites: readonly Suite[] = [
  suite('format', 'formatting', {}, () =>
    runTool('format', 'node_modules/prettier/bin/prettier.cjs', [
      ['--check', '--log-level=warn', '.'],
    ]),
  ),
  suite('types', 'types', {}, () =>
    runTool(
      'types',
      typescript,
      typeProjects.map((folder) => ['--noEmit', '-p', folder]),
    ),
  ),
  suite('lint', 'lint and layers', {}, () =>
    runTool('lint', 'node_modules/eslint/bin/eslint.js', [['--max-warnings=0', '.']]),
  ),
  suite('cpp', 'C++', { build: true }, runCtest),
  suite('fuzz', 'hostile session files', { build: true }, runFuzz),
  suite('windows', 'C++ on Windows (Wine)', {}, runWindowsTests),
  suite('unit', 'unit', { build: true }, () => runVitest('unit')),
  suite('native', 'addon', { build: true }, () => runVitest('native')),
  suite('engine', 'engine with the stand-in model', { build: true }, () => runVitest('engine')),
  suite('host', 'extension host', { build: true, browser: true }, () =>
    runProgram('host', 'test/host/run.ts'),
  ),
  suite('ui', 'workbench in a browser', { build: true, browser: true }, (offline) =>
    runVitest('ui', { offline }),
  ),
  suite('vsix', 'package', { build: true, browser: true }, () =>
    runVitest('vsix', { offline: true }),
  ),
  suite('demo', 'demo', { build: true }, () => runVitest('demo')),
];
