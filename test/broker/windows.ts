/** Windows without an editor: supervisors that look for one shared engine, the real one. */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';
import type { EngineExit } from '../../src/client/engineLink.ts';
import { EngineSupervisor } from '../../src/client/engineSupervisor.ts';
import type { LogMessage } from '../../src/protocol/protocol.ts';
import type { EngineSettings, InitializeParams } from '../../src/protocol/settings.ts';
import type { EngineStatus } from '../../src/protocol/status.ts';
import { engineKey } from '../../src/rendezvous/engineKey.ts';
import { isAlive } from '../../scripts/lib/processes.ts';
import { EngineTrace } from '../ui/harness/engineTrace.ts';
import { Recorder } from '../client/helpers.ts';
import { Fixture } from '../engine/engineFixture.ts';

const engineModule = resolve(import.meta.dirname, '../../dist/engine.mjs');

export interface TestWindow {
  readonly engine: EngineSupervisor;
  readonly statuses: Recorder<EngineStatus>;
  readonly exits: Recorder<EngineExit & { readonly expected: boolean }>;
  readonly logs: Recorder<LogMessage>;
}

export interface OpenOptions {
  readonly settings?: Partial<EngineSettings>;
  readonly change?: Partial<InitializeParams>;
  readonly lingerMs?: number;
}

/** One user's machine: windows opened here share engines. Everything ends with the test. */
export class Desk {
  readonly fixture: Fixture;
  readonly directory: string;
  readonly trace: EngineTrace;
  readonly #pids = new Set<number>();

  private constructor(fixture: Fixture) {
    this.fixture = fixture;
    this.directory = join(fixture.directory, 'run');
    this.trace = new EngineTrace(join(fixture.directory, 'trace.jsonl'));
    mkdirSync(this.directory, { mode: 0o700 });
  }

  static async create(): Promise<Desk> {
    const desk = new Desk(await Fixture.create());
    onTestFinished(async () => {
      for (const pid of desk.#pids) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
      await desk.fixture.remove();
    });
    return desk;
  }

  params({ settings, change }: OpenOptions = {}): InitializeParams {
    return { ...this.fixture.initializeParams({ baseTokens: 512, ...settings }), ...change };
  }

  open(options: OpenOptions = {}): TestWindow {
    const statuses = new Recorder<EngineStatus>();
    const exits = new Recorder<EngineExit & { readonly expected: boolean }>();
    const logs = new Recorder<LogMessage>();
    const engine: EngineSupervisor = new EngineSupervisor({
      engineModule,
      initializeParams: () => this.params(options),
      shared: (params) => ({
        directory: this.directory,
        key: engineKey(params),
        lingerMs: options.lingerMs ?? 0,
      }),
      env: { WARMFORK_IDLE_MS: '0', WARMFORK_TRACE: join(this.fixture.directory, 'trace.jsonl') },
      restartPolicy: { firstDelayMs: 1, maxCrashes: 1000 },
      onStatus: (status) => {
        if (engine.pid !== undefined) this.#pids.add(engine.pid);
        statuses.add(status);
      },
      onExit: (exit, expected) => exits.add({ ...exit, expected }),
      onLog: logs.add,
    });
    onTestFinished(() => void engine.shutdown({ timeoutMs: 5_000 }));
    engine.start();
    return { engine, statuses, exits, logs };
  }

  /** Another project of the same user, with a file of its own. */
  async otherProject(name: string): Promise<OpenOptions> {
    await this.fixture.write(`../${name}/main.ts`, `export const ${name} = '${name}';\n`);
    const path = join(this.fixture.directory, name);
    const uri = `file://${path}`;
    const folders = [{ name, path, uri }];
    return { change: { workspace: { key: uri, name, folders, filesExclude: [] } } };
  }
}
