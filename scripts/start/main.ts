/**
 * `npm start [-- --workspace DIR] [--port N]`: VS Code with the extension and the built-in model: the desktop one if it is on the PATH,
 * otherwise code-server on this machine, until Ctrl+C.
 */
import { mkdirSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import {
  installPackage,
  startServer,
  workbenchUrl,
  type RunningServer,
} from '../codeServer/server.ts';
import { ensureBuilt } from '../lib/build.ts';
import { inRoot, root } from '../lib/paths.ts';
import { run } from '../lib/processes.ts';
import { step } from '../lib/steps.ts';
import { ensurePackage } from '../package/package.ts';

const { values } = parseArgs({
  options: {
    workspace: { type: 'string', default: root },
    port: { type: 'string', default: '0' },
    /** Do not look for a desktop VS Code. */
    browser: { type: 'boolean', default: false },
  },
});

const workspace = resolve(process.env['INIT_CWD'] ?? '.', values.workspace);
if (!statSync(workspace, { throwIfNoEntry: false })?.isDirectory()) {
  console.error(`There is no folder ${workspace}.`);
  process.exit(1);
}

if (values.browser || !(await openDesktop())) await serve();

/** False when there is no desktop VS Code on the PATH. */
async function openDesktop(): Promise<boolean> {
  if ((await run('code', ['--version'])).code !== 0) return false;
  await ensureBuilt();
  const args = [`--extensionDevelopmentPath=${root}`, workspace];
  await step(`open VS Code on ${workspace}`, () => run('code', args));
  return true;
}

async function serve(): Promise<void> {
  const profile = inRoot('.warmfork', 'profile');
  mkdirSync(profile, { recursive: true });
  const port = Number(values.port);
  const vsix = await ensurePackage();
  await step('install the extension', () => installPackage(profile, vsix));
  const server = await step('start code-server', () => startServer({ profile, port }));
  console.log(`\n  ${workbenchUrl(server, { folder: workspace })}\n`);
  console.log('Open this address in a browser. Ctrl+C ends it.');
  await untilInterrupted(server);
}

async function untilInterrupted(server: RunningServer): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, resolve);
  });
  console.log('\nEnding code-server and saving sessions …');
  await server.stop();
}
