/**
 * The main job without an editor, on a real workspace: build and publish the base, complete, save the file sessions,
 * kill the engine process, let it start again, restore, complete at the same places.
 */
import process from 'node:process';
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import { EngineSupervisor } from '../../src/client/engineSupervisor.ts';
import { protocolVersion } from '../../src/protocol/protocol.ts';
import type { CompletionResult } from '../../src/protocol/requests.ts';
import { defaultEngineSettings, type InitializeParams } from '../../src/protocol/settings.ts';
import type { BaseFacts } from '../../src/protocol/status.ts';
import { demoPositions, type Position } from './positions.ts';
import { median, type CompletionRow, type DemoReport, type Phase } from './report.ts';

export interface DemoOptions {
  readonly workspace: string;
  readonly model: string;
  readonly engineModule: string;
  /** An empty directory for the session cache. */
  readonly storage: string;
  readonly baseTokens: number;
  readonly say: (line: string) => void;
}

const completionsWanted = 6;

export async function runDemo(options: DemoOptions): Promise<DemoReport> {
  const { say } = options;
  let engineEnded = (): void => undefined;
  const engine = new EngineSupervisor({
    engineModule: options.engineModule,
    initializeParams: () => initializeParams(options),
    onLog: ({ level, message }) => {
      if (level === 'warn' || level === 'error') say(`engine: ${message}`);
    },
    onExit: () => engineEnded(),
  });
  try {
    engine.start();
    say(`building the base session of ${options.workspace} …`);
    const built = await warmBase(engine);
    const positions = await demoPositions(options.workspace, completionsWanted);
    if (positions.length === 0)
      throw new Error(`${options.workspace} has no source file of a known kind with a longer line`);
    say(`completing at ${positions.length} places, cold and warm …`);
    const before = await completeEach(engine, positions, 2);
    const cold = before.map(([first]) => first);
    const warm = before.map(([, second]) => second);
    const sessions = await engine.listSessions();
    say(`killing the engine (process ${engine.pid}) …`);
    const ended = new Promise<void>((resolve) => (engineEnded = resolve));
    process.kill(engine.pid ?? 0, 'SIGKILL');
    await ended;
    const restored = await warmBase(engine);
    if (restored.source !== 'restored')
      throw new Error(`after the restart the base was ${restored.source}, not restored`);
    say('completing at the same places after the restart …');
    const after = await completeEach(engine, positions, 1);
    const restart = after.map(([first]) => first);
    const results = [...before.flat(), ...after.flat()];
    return {
      base: {
        tokens: built.tokens,
        bytes: sessions.find(({ kind }) => kind === 'base')?.sizeBytes ?? 0,
        prefillMs: built.ms,
        restoreMs: restored.ms,
      },
      forkMs: median(results.map(({ stats }) => stats.forkMs)),
      completions: positions.map((position, at) =>
        row(position, { cold: cold[at], warm: warm[at], restart: restart[at] }),
      ),
      overlays: positions.flatMap(({ path, params }) =>
        sessions
          .filter(({ kind, id }) => kind === 'file' && id === params.uri)
          .map(({ tokens, sizeBytes }) => ({ path, tokens, bytes: sizeBytes })),
      ),
    };
  } finally {
    await engine.shutdown({ timeoutMs: 10_000 });
  }
}

async function warmBase(engine: EngineSupervisor): Promise<BaseFacts> {
  const { base, message, state } = await engine.whenWarm();
  if (base === undefined)
    throw new Error(message ?? `the engine has no base, its state is ${state}`);
  return base;
}

/**
 * Completes `times` times at each position and closes the file behind it, which saves its session and gives its cells
 * back: so every file finds the same cells before and after the restart, and sums are added up in the same order.
 */
async function completeEach(
  engine: EngineSupervisor,
  positions: readonly Position[],
  times: number,
): Promise<CompletionResult[][]> {
  const results: CompletionResult[][] = [];
  for (const { params } of positions) {
    const answers: CompletionResult[] = [];
    for (let time = 0; time < times; time++) answers.push(await engine.complete(params));
    await engine.closeFileSession(params.uri);
    results.push(answers);
  }
  return results;
}

function row(
  position: Position,
  results: Readonly<Record<Phase, CompletionResult | undefined>>,
): CompletionRow {
  const stat = (
    name: 'evaluated' | 'reused' | 'firstTokenMs',
  ): Readonly<Record<Phase, number>> => ({
    cold: results.cold?.stats[name] ?? 0,
    warm: results.warm?.stats[name] ?? 0,
    restart: results.restart?.stats[name] ?? 0,
  });
  const text = results.cold?.text ?? '';
  return {
    path: position.path,
    line: position.line,
    evaluated: stat('evaluated'),
    reused: stat('reused'),
    firstTokenMs: stat('firstTokenMs'),
    text,
    sameText: results.warm?.text === text && results.restart?.text === text,
  };
}

function initializeParams(options: DemoOptions): InitializeParams {
  const { workspace, storage, model, baseTokens } = options;
  const uri = pathToFileURL(workspace).href;
  const name = basename(workspace);
  return {
    protocolVersion,
    extensionVersion: 'demo',
    workspace: { key: uri, name, folders: [{ name, path: workspace, uri }], filesExclude: [] },
    storagePath: storage,
    modelPath: model,
    settings: { ...defaultEngineSettings, baseTokens, gpu: 'off' },
  };
}
