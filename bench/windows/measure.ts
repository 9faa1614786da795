import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inRoot } from '../../scripts/lib/paths.ts';
import { EngineSupervisor } from '../../src/client/engineSupervisor.ts';
import { protocolVersion } from '../../src/protocol/protocol.ts';
import { defaultEngineSettings, type InitializeParams } from '../../src/protocol/settings.ts';
import { engineKey } from '../../src/rendezvous/engineKey.ts';

export interface WindowsOptions {
  /** For sockets. */
  readonly folder: string;
  /** Of every window: the project, the model, where sessions are kept from run to run. */
  readonly params: InitializeParams;
  readonly windows: number;
  /** One engine for all of them; otherwise one for each. */
  readonly shared: boolean;
}

export interface WindowsCost {
  readonly windows: number;
  readonly shared: boolean;
  /** Engine processes. */
  readonly processes: number;
  /** Proportional set size of all engine processes together: a page that several share is counted once. */
  readonly pssMiB: number;
  readonly baseTokensEvaluated: number;
}

/** Opens the windows on one project, lets each ask for a completion in a file of its own, and looks at the processes. */
export async function measureWindows(options: WindowsOptions): Promise<WindowsCost> {
  const { folder, windows, shared } = options;
  const directory = join(folder, 'run');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const engines = Array.from({ length: windows }, () => openWindow(options, directory));
  try {
    for (const engine of engines) await engine.whenWarm();
    for (const [index, engine] of engines.entries())
      await engine.complete(request(options.params, index));
    const pids = [...new Set(engines.map(({ pid }) => pid ?? 0))];
    const counters = await Promise.all(engines.map((engine) => engine.counters()));
    const evaluated = counters.map(({ baseTokensEvaluated }) => baseTokensEvaluated);
    return {
      windows,
      shared,
      processes: pids.length,
      pssMiB: pids.reduce((total, pid) => total + pssKib(pid), 0) / 1024,
      // A shared engine tells every window the same.
      baseTokensEvaluated: shared ? (evaluated[0] ?? 0) : evaluated.reduce((a, b) => a + b, 0),
    };
  } finally {
    await Promise.all(engines.map((engine) => engine.shutdown({ timeoutMs: 30_000 })));
  }
}

function openWindow({ params, shared }: WindowsOptions, directory: string): EngineSupervisor {
  const engine = new EngineSupervisor({
    engineModule: inRoot('dist', 'engine.mjs'),
    initializeParams: () => params,
    ...(shared && { shared: () => ({ directory, key: engineKey(params), lingerMs: 0 }) }),
  });
  engine.start();
  return engine;
}

/** This repository's own sources are the project. */
export function ownSources(folder: string, modelPath: string): InitializeParams {
  const path = inRoot();
  const uri = pathToFileURL(path).href;
  return {
    protocolVersion,
    extensionVersion: 'bench',
    workspace: {
      key: uri,
      name: 'warmfork',
      folders: [{ name: 'warmfork', path, uri }],
      filesExclude: [],
    },
    storagePath: join(folder, 'sessions'),
    modelPath,
    settings: { ...defaultEngineSettings, gpu: 'off', baseTokens: 4096 },
  };
}

function request({ workspace }: InitializeParams, index: number) {
  const path = `src/window${index}.ts`;
  const prefix = `export function window${index}(value: number): number {\n  return `;
  const uri = pathToFileURL(join(workspace.folders[0]?.path ?? '', path)).href;
  return {
    uri,
    path,
    languageId: 'typescript',
    prefix,
    suffix: '\n}\n',
    firstLine: 0,
    maxTokens: 8,
  };
}

function pssKib(pid: number): number {
  const smaps = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return Number(/^Pss: +(\d+) kB/m.exec(smaps)?.[1] ?? Number.NaN);
}
