/** A real engine over the stand-in model, on a real workspace in a temporary directory. */
import { mkdtemp, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'vitest';
import { scanStore } from '../../src/cache/storeScan.ts';
import { findProblems } from '../../src/cache/storeCheck.ts';
import { Engine, type EngineOptions } from '../../src/engine/engine.ts';
import { protocolVersion } from '../../src/protocol/protocol.ts';
import type { CompletionParams } from '../../src/protocol/requests.ts';
import {
  defaultEngineSettings,
  type EngineSettings,
  type InitializeParams,
} from '../../src/protocol/settings.ts';
import type { EngineStatus } from '../../src/protocol/status.ts';

export const standInModel = resolve(import.meta.dirname, '../../models/stand-in.gguf');

export class Fixture {
  readonly directory: string;
  readonly workspace: string;
  readonly storage: string;
  readonly statuses: EngineStatus[] = [];
  readonly logs: string[] = [];
  /** What engines of this fixture start with, unless told otherwise. */
  readonly defaults: Partial<EngineSettings>;
  readonly #engines: Engine[] = [];
  #expectOrder = true;

  private constructor(directory: string, defaults: Partial<EngineSettings>) {
    this.defaults = defaults;
    this.directory = directory;
    this.workspace = join(directory, 'project');
    this.storage = join(directory, 'sessions');
  }

  static async create(
    files: Readonly<Record<string, string>> = smallProject,
    defaults: Partial<EngineSettings> = {},
  ): Promise<Fixture> {
    const directory = await mkdtemp(join(tmpdir(), 'warmfork-engine-'));
    const fixture = new Fixture(directory, defaults);
    for (const [path, text] of Object.entries(files)) await fixture.write(path, text);
    return fixture;
  }

  async write(path: string, text: string): Promise<void> {
    const file = join(this.workspace, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }

  start(
    settings: Partial<EngineSettings> = {},
    change: Partial<InitializeParams> = {},
    wrapMapped?: EngineOptions['wrapMapped'],
    tamper?: EngineOptions['tamper'],
    onSessionsChange?: () => void,
  ): Engine {
    const engine = new Engine(
      { ...this.initializeParams(settings), ...change },
      {
        onStatus: (status) => this.statuses.push(status),
        log: (level, message) => this.logs.push(`${level} ${message}`),
        ...(wrapMapped && { wrapMapped }),
        ...(tamper && { tamper }),
        ...(onSessionsChange && { onSessionsChange }),
      },
    );
    this.#engines.push(engine);
    return engine;
  }

  initializeParams(settings: Partial<EngineSettings> = {}): InitializeParams {
    const uri = pathToFileURL(this.workspace).href;
    return {
      protocolVersion,
      extensionVersion: 'test',
      workspace: {
        key: uri,
        name: 'project',
        folders: [{ name: 'project', path: this.workspace, uri }],
        filesExclude: [],
      },
      storagePath: this.storage,
      modelPath: standInModel,
      settings: {
        ...defaultEngineSettings,
        gpu: 'off',
        contextTokens: 8192,
        baseTokens: 4096,
        threads: 1,
        drafting: 'off', // whether it pays is measured: nothing to count on
        ...this.defaults,
        ...settings,
      },
    };
  }

  /** A request at the cursor `║`. */
  at(path: string, text: string, change: Partial<CompletionParams> = {}): CompletionParams {
    const [prefix = '', suffix = ''] = text.split('║');
    const uri = pathToFileURL(join(this.workspace, path)).href;
    const languageId = 'typescript';
    return { uri, path, languageId, prefix, firstLine: 0, suffix, maxTokens: 16, ...change };
  }

  /** For tests that leave disorder in the cache on purpose. */
  leaveDisorder(): void {
    this.#expectOrder = false;
  }

  /** What is not as it should be in the cache directory (`SessionStore.check`). */
  async problems(): Promise<readonly string[]> {
    const isThere = (await stat(this.storage).catch(() => undefined))?.isDirectory() ?? false;
    if (!isThere) return [];
    const problems = await findProblems(await scanStore(this.storage));
    return problems.map(({ path, problem }) => `${relative(this.storage, path)}: ${problem}`);
  }

  async closeAll(): Promise<void> {
    for (const engine of this.#engines.splice(0)) await engine.close();
  }

  /** Closes every engine; the cache they leave must be in order. */
  async remove(): Promise<void> {
    await this.closeAll();
    if (process.env['DEBUG']) console.log(this.logs.join('\n'));
    const problems = await this.problems();
    await rm(this.directory, { recursive: true, force: true });
    if (this.#expectOrder) expect(problems).toEqual([]);
  }
}

export const smallProject: Readonly<Record<string, string>> = {
  'package.json': '{ "name": "small", "version": "1.0.0", "scripts": { "build": "tsc" } }\n',
  'README.md': '# Small\n\nA small project to complete in.\n',
  'src/add.ts': 'export function add(a: number, b: number): number {\n  return a + b;\n}\n',
  'src/main.ts': "import { add } from './add.ts';\n\nconst sum = add(1, 2);\nconsole.log(sum);\n",
};

export const never = new AbortController().signal;
