/** The engine of one workspace, for all its windows: rests when nobody has needed it for long, and comes back. */
import type { ContextChoice } from '../../protocol/project.ts';
import type { SaveResult } from '../../protocol/requests.ts';
import type { InitializeParams, WorkspaceInfo } from '../../protocol/settings.ts';
import type { EngineStatus } from '../../protocol/status.ts';
import { Engine, type EngineOptions } from '../engine.ts';
import type { EngineApi } from '../engineApi.ts';
import { EngineError } from '../errors.ts';
import { ServedEngine } from '../servers/servedEngine.ts';
import type { SharedParts } from '../start/startRuntime.ts';
import { trace } from '../trace.ts';
import { nothingSaved, type EngineListener, type EngineSeat } from './engines.ts';

export class SharedEngine {
  readonly #shared: SharedParts;
  readonly #onAwake: () => void;
  readonly #seats = new Map<EngineListener, EngineSeat>();
  #params: InitializeParams;
  #engine: EngineApi | undefined;
  #status: EngineStatus = { state: 'starting', persistence: { kind: 'none' } };
  /** Settles when the engine before has saved and given everything back. */
  #closing: Promise<SaveResult> = Promise.resolve(nothingSaved);
  #starting: Promise<EngineApi> | undefined;
  #isClosed = false;

  /** @param onAwake called when it has come back from its rest */
  constructor(params: InitializeParams, shared: SharedParts, onAwake: () => void) {
    this.#params = params;
    this.#shared = shared;
    this.#onAwake = onAwake;
    this.#engine = this.#start();
  }

  get hasWindows(): boolean {
    return this.#seats.size > 0;
  }

  get status(): EngineStatus {
    return this.#status;
  }

  get isAwake(): boolean {
    return this.#engine !== undefined;
  }

  /** For how long nobody has needed it, in ms; 0 while it works by itself. */
  get idleMs(): number {
    return this.#engine?.idleMs ?? 0;
  }

  /** Whether a window that says this about its workspace is of the same mind as those that are here. */
  serves({ workspace }: InitializeParams): boolean {
    return !this.#isClosed && identity(workspace) === identity(this.#params.workspace);
  }

  /** @param onLeft called when the seat was given up and everything is saved */
  seat(listener: EngineListener, onLeft: () => void): EngineSeat {
    const status = (): EngineStatus => this.#status;
    const awake = (): EngineApi | undefined => this.#engine;
    let left: Promise<SaveResult> | undefined;
    const seat: EngineSeat = {
      get status() {
        return status();
      },
      get awake() {
        return awake();
      },
      engine: () => this.#awaken(),
      choose: (choice) => this.#choose(choice),
      leave: () => (left ??= this.#leave(listener).finally(onLeft)),
    };
    this.#seats.set(listener, seat);
    return seat;
  }

  /** Saves, and gives context and model back. The next request brings them back in the time of a restore. */
  rest(): Promise<SaveResult> {
    const engine = this.#engine;
    if (engine === undefined) return this.#closing;
    this.#engine = undefined;
    trace({ event: 'engine', state: 'resting' });
    this.#closing = engine.close();
    return this.#closing;
  }

  close(): Promise<SaveResult> {
    this.#isClosed = true;
    return this.rest();
  }

  /** Tells every window but the asker's that the process ends. */
  announceEnd(asker: EngineSeat | undefined): void {
    for (const [listener, seat] of this.#seats) if (seat !== asker) listener.onEnding();
  }

  async #leave(listener: EngineListener): Promise<SaveResult> {
    this.#seats.delete(listener);
    // One that could not start has nothing; one that rests has saved.
    return (await this.#engine?.saveAll().catch(() => undefined)) ?? nothingSaved;
  }

  async #awaken(): Promise<EngineApi> {
    if (this.#engine !== undefined) return this.#engine;
    this.#starting ??= this.#startAgain().finally(() => (this.#starting = undefined));
    return this.#starting;
  }

  async #startAgain(): Promise<EngineApi> {
    await this.#closing.catch(() => undefined);
    if (this.#isClosed) throw new EngineError('ERR_WARMFORK_NOT_READY', 'The engine is ending.');
    this.#engine = this.#start();
    this.#onAwake();
    return this.#engine;
  }

  #choose(context: ContextChoice): void {
    this.#params = { ...this.#params, workspace: { ...this.#params.workspace, context } };
    void this.#engine?.chooseContext(context);
  }

  #start(): EngineApi {
    const engine: EngineApi = newEngine(this.#params, {
      shared: this.#shared,
      onStatus: (status) => {
        this.#status = status;
        for (const listener of this.#seats.keys()) listener.onStatus(status);
      },
      onSessionsChange: () => {
        // Who looks at the sessions would wake an engine that is about to rest.
        if (this.#engine !== engine) return;
        for (const listener of this.#seats.keys()) listener.onSessionsChange();
      },
      log: (level, message) => {
        for (const listener of this.#seats.keys()) listener.log(level, message);
      },
    });
    return engine;
  }
}

/** With servers where some are set. */
function newEngine(params: InitializeParams, options: EngineOptions): EngineApi {
  const { servers } = params;
  if (servers?.completion === undefined && servers?.chat === undefined)
    return new Engine(params, options);
  return new ServedEngine(params, servers, options);
}

/** Everything that decides what may be in the project context. The name is for people. */
function identity(workspace: WorkspaceInfo): string {
  const { key, folders, filesExclude, context, trusted = true } = workspace;
  const paths = folders.map(({ path }) => path);
  return JSON.stringify([key, paths, [...filesExclude].sort(), context ?? null, trusted]);
}
