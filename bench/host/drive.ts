/** What a person does, done in a real extension host while the probe watches. VS Code loads this as its tests. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { WarmforkApi } from '../../src/extension/api.ts';
import type { DriveOptions, DriveResult } from './driveOptions.ts';
import { probeKey, type HostProbe } from './startup.ts';
import { busyTime, type Busy } from './stretches.ts';

const options = JSON.parse(process.env['WARMFORK_DRIVE'] ?? '{}') as DriveOptions;
const typed =
  'export function shout(greeting: Greeting): string {\n  return greet(greeting).toUpperCase();\n}\n\n';

export async function run(): Promise<void> {
  const probe = (globalThis as { [probeKey]?: HostProbe })[probeKey];
  if (probe === undefined) throw new Error('the probe is not in the extension host');
  const result = options.withWarmfork ? await withWarmfork(probe) : await without();
  writeFileSync(options.result, JSON.stringify(result));
}

async function without(): Promise<DriveResult> {
  await sleep(options.restMs);
  return { busy: {}, idle: await idle() };
}

async function withWarmfork(probe: HostProbe): Promise<DriveResult> {
  const api = await vscode.extensions.getExtension<WarmforkApi>('warmfork.warmfork')?.activate();
  if (api === undefined) throw new Error('the extension is not there');
  const { state, message } = await api.whenWarm();
  if (state !== 'ready') throw new Error(message ?? state);
  const busy: Record<string, Busy> = {};
  if (options.acts) {
    busy['start'] = await endOf(probe);
    for (const [name, act] of Object.entries(acts)) {
      probe.startProfile();
      await act(api);
      busy[name] = await endOf(probe);
    }
  }
  await sleep(options.restMs);
  if (options.acts) probe.startProfile();
  const used = await idle(api.enginePid());
  if (options.acts) busy['idle'] = await endOf(probe);
  const { startup } = probe;
  return { ...(startup && { startup }), busy, idle: used };
}

async function endOf(probe: HostProbe): Promise<Busy> {
  return busyTime(await probe.stopProfile(), (url) => url.endsWith('extension.cjs'));
}

const acts: Readonly<Record<string, (api: WarmforkApi) => Promise<unknown>>> = {
  /** Ten keys a second, in a file of the project; what is offered is accepted now and then. */
  async typing() {
    await vscode.window.showTextDocument(vscode.Uri.file(inWorkspace('src/greeting.ts')));
    await vscode.commands.executeCommand('cursorBottom');
    const until = performance.now() + options.typingMs;
    for (let at = 0; performance.now() < until; at++) {
      await vscode.commands.executeCommand('type', { text: typed[at % typed.length] });
      await sleep(100);
      if (at % 40 === 39)
        await vscode.commands.executeCommand('editor.action.inlineSuggest.commit');
    }
  },
  async save() {
    await vscode.commands.executeCommand('workbench.action.files.save');
    await sleep(options.restMs);
  },
  async chat(api) {
    await vscode.commands.executeCommand('warmfork.chat.focus');
    await api.ask('What does this project do?', { maxTokens: 200 });
  },
  /** As a checkout does. */
  async change() {
    for (let at = 0; at < options.changedFiles; at++)
      writeFileSync(inWorkspace(`src/changed${at}.ts`), `export const changed${at} = ${at};\n`);
    await sleep(2 * options.restMs);
  },
};

function inWorkspace(path: string): string {
  return join(vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '', path);
}

async function idle(enginePid?: number): Promise<DriveResult['idle']> {
  const [host, engine] = [process.cpuUsage(), processorMs(enginePid)];
  await sleep(options.idleMs);
  const { user, system } = process.cpuUsage(host);
  const engineMs = processorMs(enginePid) - engine;
  return { hostMs: (user + system) / 1000, ...(Number.isFinite(engineMs) && { engineMs }) };
}

/** Of a whole process since it began, to 10 ms; not a number where the system does not tell. */
function processorMs(pid: number | undefined): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [user, system] = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 13);
    return (Number(user) + Number(system)) * 10;
  } catch {
    return Number.NaN;
  }
}
