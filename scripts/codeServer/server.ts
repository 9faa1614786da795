/** Starts and ends a code-server on this machine only, with a profile of its own. */
import { mkdirSync, openSync, existsSync, writeFileSync, closeSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { endTree, isAlive, runOrThrow, start } from '../lib/processes.ts';
import { ensureCodeServer, type CodeServer } from './setup.ts';

export interface ServerOptions {
  /** Holds user data, installed extensions and the log; created when missing. */
  readonly profile: string;
  /** 0 or absent: any free port. */
  readonly port?: number;
  /** Added to the environment of the server and hence of the extension host; `undefined` removes. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** User settings on top of the quiet defaults; written only when the profile has none yet. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Needed to run tests in the extension host; notification toasts are not shown then. */
  readonly smokeTestDriver?: boolean;
  /** For the server's Node, and for extension hosts, which get the same. */
  readonly nodeArguments?: readonly string[];
  /** Restricted Mode until the person trusts the folder; by default every folder is trusted. */
  readonly workspaceTrust?: boolean;
  /** Stands before the server's command line; must become it, so that the process stays the same. */
  readonly prefix?: readonly string[];
}

export interface RunningServer {
  readonly port: number;
  /** `host:port`, also the authority of `vscode-remote:` uris. */
  readonly authority: string;
  readonly pid: number;
  readonly logFile: string;
  /** Ends the server and everything it started. */
  stop(): Promise<void>;
}

/** What a window shows: a folder, or a `.code-workspace` file with several. */
export type WorkbenchPlace = { readonly folder: string } | { readonly workspace: string };

export type WorkbenchUrl = WorkbenchPlace & {
  /** Load the extension from this folder instead of an installed package; needs `smokeTestDriver`. */
  readonly developmentPath?: string;
  /** Absolute path of a file that is open when the window is. */
  readonly openFile?: string;
  /** More key–value pairs for the workbench. */
  readonly payload?: readonly (readonly [string, string])[];
};

const noGallery = JSON.stringify({
  serviceUrl: '',
  itemUrl: '',
  resourceUrlTemplate: '',
  controlUrl: '',
  recommendationsUrl: '',
});

/** Nothing calls home, nothing pops up, nothing moves. */
const quietSettings = {
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'workbench.startupEditor': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.tips.enabled': false,
  'workbench.enableExperiments': false,
  'chat.disableAIFeatures': true,
  'security.workspace.trust.enabled': false,
  'npm.fetchOnlinePackageInfo': false,
  'typescript.disableAutomaticTypeAcquisition': true,
  'json.schemaDownload.enable': false,
  'git.openRepositoryInParentFolders': 'never',
};

export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const server = await ensureCodeServer();
  prepareProfile(options);
  const port = options.port || (await freePort());
  const logFile = join(options.profile, 'server.log');
  const log = openSync(logFile, 'a');
  const [command = '', ...args] = [
    ...(options.prefix ?? []),
    ...[server.node, ...(options.nodeArguments ?? []), ...serverArguments(server, options, port)],
  ];
  const child = start(command, args, {
    env: { ...process.env, EXTENSIONS_GALLERY: noGallery, ...options.env },
    stdio: ['ignore', log, log],
    // Not in the terminal's process group: Ctrl+C is ours to handle.
    detached: true,
  });
  closeSync(log);
  const pid = child.pid;
  if (pid === undefined) throw new Error(`code-server could not be started (${server.node})`);
  await untilHealthy(port, pid, logFile);
  return {
    port,
    authority: `127.0.0.1:${port}`,
    pid,
    logFile,
    stop: async () => {
      await endTree(pid);
    },
  };
}

export function workbenchUrl(server: RunningServer, options: WorkbenchUrl): string {
  const { authority } = server;
  const payload = [...(options.payload ?? [])];
  if (options.developmentPath !== undefined) {
    const path = `vscode-remote://${authority}${options.developmentPath}`;
    payload.push(['extensionDevelopmentPath', path]);
  }
  if (options.openFile !== undefined)
    payload.push(['openFile', `vscode-remote://${authority}${options.openFile}`]);
  const query = new URLSearchParams(
    'folder' in options ? { folder: options.folder } : { workspace: options.workspace },
  );
  if (payload.length > 0) query.set('payload', JSON.stringify(payload));
  return `http://${authority}/?${query.toString()}`;
}

/** Installs a package into a profile, without any network. */
export async function installPackage(profile: string, vsix: string): Promise<void> {
  const server = await ensureCodeServer();
  prepareProfile({ profile });
  const args = [server.entry, ...profileArguments(profile), '--install-extension', vsix];
  await runOrThrow(server.node, args, { env: { EXTENSIONS_GALLERY: noGallery } });
}

function serverArguments(
  server: CodeServer,
  { profile, smokeTestDriver = false, workspaceTrust = false }: ServerOptions,
  port: number,
): string[] {
  return [
    server.entry,
    ...profileArguments(profile),
    ...['--bind-addr', `127.0.0.1:${port}`, '--auth', 'none', '--ignore-last-opened'],
    ...['--disable-telemetry', '--disable-update-check'],
    ...(workspaceTrust ? [] : ['--disable-workspace-trust']),
    ...['--disable-getting-started-override', '--disable-proxy'],
    // An abruptly closed browser must not leave its extension host behind for hours.
    ...['--reconnection-grace-time', '3'],
    ...(smokeTestDriver ? ['--vscode-option', 'enable-smoke-test-driver'] : []),
  ];
}

function profileArguments(profile: string): string[] {
  return [
    ...['--config', join(profile, 'config.yaml')],
    ...['--user-data-dir', join(profile, 'user-data')],
    ...['--extensions-dir', join(profile, 'extensions')],
  ];
}

function prepareProfile({ profile, settings }: Pick<ServerOptions, 'profile' | 'settings'>): void {
  const user = join(profile, 'user-data', 'User');
  mkdirSync(user, { recursive: true });
  mkdirSync(join(profile, 'extensions'), { recursive: true });
  writeFileSync(join(profile, 'config.yaml'), 'cert: false\n'); // Empty would be an error.
  const file = join(user, 'settings.json');
  if (settings === undefined && existsSync(file)) return;
  writeFileSync(file, JSON.stringify({ ...quietSettings, ...settings }, null, 2));
  // Settings that belong to a machine count only among those of the machine the server runs on.
  const machine = join(profile, 'user-data', 'Machine');
  mkdirSync(machine, { recursive: true });
  const own = Object.entries(settings ?? {}).filter(([key]) => key.startsWith('warmfork.'));
  writeFileSync(join(machine, 'settings.json'), JSON.stringify(Object.fromEntries(own), null, 2));
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}

async function untilHealthy(port: number, pid: number, logFile: string): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    if (!isAlive(pid)) break;
    const answer = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined);
    if (answer?.ok) return;
    await delay(100);
  }
  await endTree(pid, 1000);
  throw new Error(`code-server did not start; its log is ${logFile}`);
}
