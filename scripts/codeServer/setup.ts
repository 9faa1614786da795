/**
 * Installs code-server, which holds a whole VS Code (workbench, server, extension host), from the npm registry into a
 * folder of its own, together with the Node version it needs. Kept outside of the repository: clones share it.
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { userCache } from '../lib/paths.ts';
import { run, runOrThrow, type RunOptions } from '../lib/processes.ts';
import { step } from '../lib/steps.ts';

/** code-server 4.139.1 is VS Code 1.139.1 and runs on Node 24 only. */
const codeServerVersion = '4.139.1';
const nodeVersion = '24.21.0';

export interface CodeServer {
  /** The Node that runs it. */
  readonly node: string;
  /** Its entry point. */
  readonly entry: string;
}

type Environment = NonNullable<RunOptions['env']>;

const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];

/** Returns the installed code-server, installing it first (about a minute, 800 MB) where it is not there yet. */
export async function ensureCodeServer(): Promise<CodeServer> {
  const folder = userCache('code-server');
  if (!isComplete(folder)) {
    await step(`install code-server ${codeServerVersion} into ${folder}`, () => install(folder));
  }
  return { node: nodeIn(folder), entry: entryIn(folder) };
}

function isComplete(folder: string): boolean {
  return existsSync(join(folder, `.ok-${nodeVersion}-${codeServerVersion}`));
}

function nodePackage(): string {
  return `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
}

function nodeIn(folder: string): string {
  return join(folder, 'node_modules', nodePackage(), 'bin', 'node');
}

function entryIn(folder: string): string {
  return join(folder, 'node_modules', 'code-server', 'out', 'node', 'entry.js');
}

/** Builds beside the final place and renames, so that a half-done installation is never taken for a whole one. */
async function install(folder: string): Promise<void> {
  await requireTools(['python3', 'make', 'g++']);
  const partial = `${folder}.${process.pid}.partial`;
  mkdirSync(partial, { recursive: true });
  try {
    await installInto(partial);
    rmSync(folder, { recursive: true, force: true });
    renameSync(partial, folder);
  } catch (error) {
    if (!isComplete(folder)) throw error; // Otherwise someone else was faster, with the same result.
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

async function requireTools(tools: readonly string[]): Promise<void> {
  for (const tool of tools) {
    const { code } = await run(tool, ['--version']);
    if (code !== 0)
      throw new Error(`code-server needs ${tool} to be installed, and it was not found.`);
  }
}

async function installInto(folder: string): Promise<void> {
  writeFileSync(join(folder, 'package.json'), '{"private":true}\n');
  const npm = (cwd: string, args: readonly string[], env: Environment = {}) =>
    runOrThrow('npm', [...args, ...quiet], { cwd, env });
  await npm(folder, ['install', '--ignore-scripts', `${nodePackage()}@${nodeVersion}`]);
  const env = nodeEnvironment(folder);
  await npm(folder, ['install', '--ignore-scripts', `code-server@${codeServerVersion}`], env);

  // What code-server's own postinstall does, less the addons nobody needs here.
  const vscode = join(folder, 'node_modules', 'code-server', 'lib', 'vscode');
  await npm(vscode, ['install', '--omit=dev', '--ignore-scripts'], env);
  await npm(vscode, ['rebuild', '@vscode/spdlog', '@vscode/native-watchdog'], env);
  await npm(join(vscode, 'extensions'), ['install', '--omit=dev', '--ignore-scripts'], env);
  linkHelpers(vscode);
  await runOrThrow(nodeIn(folder), [entryIn(folder), '--version'], { env });
  writeFileSync(join(folder, `.ok-${nodeVersion}-${codeServerVersion}`), '');
}

/** npm runs under the new Node, and addons are built against its headers, whatever npm is configured to. */
function nodeEnvironment(folder: string): Environment {
  const home = join(folder, 'node_modules', nodePackage());
  return { PATH: `${join(home, 'bin')}:${process.env['PATH']}`, npm_config_nodedir: home };
}

function linkHelpers(vscode: string): void {
  const system = process.platform === 'darwin' ? 'darwin' : 'linux';
  const links = [
    [join(vscode, 'bin', 'remote-cli'), 'code-server', `code-${system}.sh`],
    [join(vscode, 'bin', 'helpers'), 'browser.sh', `browser-${system}.sh`],
  ] as const;
  for (const [folder, name, target] of links) {
    if (!readdirSync(folder).includes(name)) symlinkSync(target, join(folder, name));
  }
}
