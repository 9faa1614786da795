import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  installPackage,
  startServer,
  workbenchUrl,
  type RunningServer,
  type WorkbenchUrl,
} from '../../../scripts/codeServer/server.ts';
import { inRoot } from '../../../scripts/lib/paths.ts';
import { packagePath } from '../../../scripts/package/package.ts';
import { allProcesses, commandLine, processTree } from '../../../scripts/lib/processes.ts';
import { AnswerTrace } from './answerTrace.ts';
import { EngineTrace } from './engineTrace.ts';
import { canTraceNetwork, NetworkTrace } from './networkTrace.ts';
import { until } from './until.ts';
import { openWorkbench, type Workbench } from './workbench.ts';
import { editorSettings, makeWorkspace, temporaryFolder } from './workspace.ts';

export interface SessionOptions {
  /** Also the name of its temporary folder. */
  readonly name: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Nothing set but what keeps VS Code quiet. */
  readonly fresh?: boolean;
  /** Notes every attempt of the server, the extension host and the engine to reach a network, where that can be done. */
  readonly traceNetwork?: boolean;
  /** However long nobody does anything, the base that was built at first stays. */
  readonly keepBase?: boolean;
  /** Restricted Mode until the folder is trusted. */
  readonly workspaceTrust?: boolean;
  /** Adds to the workspace before the server starts. */
  readonly prepare?: (workspace: string) => void;
}

/** A server with the packaged extension in an own profile, workspace and session cache: all new, all removed at the end. */
export class Session {
  readonly folder: string;
  readonly workspace: string;
  readonly storage: string;
  readonly trace: EngineTrace;
  readonly answers: AnswerTrace;
  /** Absent unless it was asked for and can be done. */
  readonly network: NetworkTrace | undefined;
  readonly #runtime: string;
  readonly #server: RunningServer;

  private constructor(folder: string, server: RunningServer, network: NetworkTrace | undefined) {
    this.folder = folder;
    this.network = network;
    this.workspace = join(folder, 'workspace');
    this.storage = join(folder, 'storage');
    this.trace = new EngineTrace(join(folder, 'trace.jsonl'));
    this.answers = new AnswerTrace(join(folder, 'answers.jsonl'));
    this.#runtime = join(folder, 'run');
    this.#server = server;
  }

  static async start(options: SessionOptions): Promise<Session> {
    const folder = temporaryFolder(options.name);
    const workspace = makeWorkspace(join(folder, 'workspace'));
    options.prepare?.(workspace);
    mkdirSync(join(folder, 'home'));
    const profile = join(folder, 'profile');
    await installPackage(profile, packagePath());
    const network =
      options.traceNetwork && canTraceNetwork()
        ? new NetworkTrace(join(folder, 'network.txt'))
        : undefined;
    const server = await startServer({
      profile,
      workspaceTrust: options.workspaceTrust ?? false,
      prefix: network?.prefix ?? [],
      settings: { ...(options.fresh ? {} : editorSettings), ...options.settings },
      env: {
        HOME: join(folder, 'home'),
        WARMFORK_STORAGE: join(folder, 'storage'),
        WARMFORK_RUNTIME_DIR: join(folder, 'run'),
        WARMFORK_LINGER_MS: '0', // a later window finds what is on the disk, not what is still in memory
        WARMFORK_TRACE: join(folder, 'trace.jsonl'),
        ...(options.keepBase && { WARMFORK_IDLE_MS: '3600000' }),
        WARMFORK_HOST_TRACE: join(folder, 'answers.jsonl'),
      },
    });
    return new Session(folder, server, network);
  }

  /** Opens a window, uses it, and closes it as a person would. A failure leaves a screenshot with this name. */
  async window<T>(
    name: string,
    use: (workbench: Workbench) => Promise<T>,
    place: WorkbenchUrl = { folder: this.workspace },
  ): Promise<T> {
    const workbench = await openWorkbench(workbenchUrl(this.#server, place));
    try {
      return await use(workbench);
    } catch (error) {
      await workbench.screenshot(`${name}-failed`);
      this.#keepLogs(name);
      throw error;
    } finally {
      await workbench.close();
    }
  }

  /** Waits until the windows' extension hosts and their engines are gone. */
  async untilIdle(): Promise<void> {
    const isIdle = () => this.hostPid() === undefined && this.enginePid() === undefined;
    await until('the extension host and the engine to end', isIdle, { timeoutMs: 30_000 });
  }

  /** Text of a file of the workspace. */
  read(path: string): string {
    return readFileSync(join(this.workspace, path), 'utf8');
  }

  /** The engine process that runs now, or undefined. */
  enginePid(): number | undefined {
    return this.enginePids()[0];
  }

  /** All of them; an engine that windows share is nobody's child when its first window is gone. */
  enginePids(): number[] {
    const shared = allProcesses().filter((pid) => commandLine(pid)?.includes(`"${this.#runtime}"`));
    return [...new Set([...this.#processes(/engine\.mjs/), ...shared])];
  }

  /** The extension host that runs now, or undefined. */
  hostPid(): number | undefined {
    return this.#processes(/--type=extensionHost/)[0];
  }

  async stop(): Promise<void> {
    await this.#server.stop();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }

  #keepLogs(name: string): void {
    const logs = join(this.folder, 'profile', 'user-data', 'logs');
    const kept = inRoot('test-results', 'ui', `${name}-logs`);
    cpSync(logs, kept, { recursive: true });
    for (const name of ['trace.jsonl', 'answers.jsonl']) {
      const trace = join(this.folder, name);
      if (existsSync(trace)) cpSync(trace, join(kept, name));
    }
  }

  #processes(pattern: RegExp): number[] {
    return processTree(this.#server.pid).filter((pid) => pattern.test(commandLine(pid) ?? ''));
  }
}
