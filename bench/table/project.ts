/** The project that windows are opened on, and the engine of a window. */
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inRoot } from '../../scripts/lib/paths.ts';
import { EngineSupervisor, type SupervisorOptions } from '../../src/client/engineSupervisor.ts';
import { protocolVersion } from '../../src/protocol/protocol.ts';
import type { CompletionParams } from '../../src/protocol/requests.ts';
import { defaultEngineSettings, type InitializeParams } from '../../src/protocol/settings.ts';
import type { Bench } from './part.ts';

export interface Project {
  readonly path: string;
  readonly params: InitializeParams;
}

/** Sizes that belong together: of the context, and of the base in it. */
export function sizes({ quick }: Bench): { contextTokens: number; baseTokens: number } {
  return quick
    ? { contextTokens: 4096, baseTokens: 512 }
    : { contextTokens: 16_384, baseTokens: 4096 };
}

/** A copy of this repository's sources, with a storage of its own: nobody edits it while it is measured. */
export function makeProject(bench: Bench, name: string): Project {
  const path = join(bench.folder, name, 'project');
  mkdirSync(path, { recursive: true });
  const source = bench.quick ? 'src/base' : 'src';
  cpSync(inRoot(source), join(path, source), { recursive: true });
  cpSync(inRoot('README.md'), join(path, 'README.md'));
  const uri = pathToFileURL(path).href;
  const { threads } = bench;
  const params: InitializeParams = {
    protocolVersion,
    extensionVersion: 'bench',
    workspace: { key: uri, name: 'project', folders: [{ name, path, uri }], filesExclude: [] },
    storagePath: join(bench.folder, name, 'sessions'),
    modelPath: bench.model,
    settings: { ...defaultEngineSettings, ...sizes(bench), threads, gpu: 'off', drafting: 'off' },
  };
  return { path, params };
}

/** Opens a window, uses it and closes it, with the engine's own saving. */
export async function withWindow<T>(
  project: Project,
  use: (engine: EngineSupervisor) => Promise<T>,
  options: Partial<SupervisorOptions> = {},
): Promise<T> {
  const engine = new EngineSupervisor({
    engineModule: inRoot('dist', 'engine.mjs'),
    initializeParams: () => project.params,
    ...options,
  });
  engine.start();
  try {
    return await use(engine);
  } finally {
    await engine.shutdown({ timeoutMs: 30_000 });
  }
}

/** Resolves when the base serves. */
export async function warm(engine: EngineSupervisor): Promise<void> {
  const { state, message } = await engine.whenWarm();
  if (state === 'failed') throw new Error(`the engine did not start: ${message ?? 'no reason'}`);
}

/** A place in a file of the project's language that is not in the project yet; other places for other numbers. */
export function requestAt({ path }: Project, place: number, maxTokens: number): CompletionParams {
  const name = `src/place${place}.ts`;
  const prefix = [
    "import { readFile } from 'node:fs/promises';",
    '',
    `/** Lines of a file that begin with ${place}. */`,
    `export async function linesOf${place}(path: string): Promise<string[]> {`,
    "  const text = await readFile(path, 'utf8');",
    '  return ',
  ].join('\n');
  const uri = pathToFileURL(join(path, name)).href;
  const where = { uri, path: name, languageId: 'typescript', firstLine: 0 };
  return { ...where, prefix, suffix: '\n}\n', maxTokens };
}
