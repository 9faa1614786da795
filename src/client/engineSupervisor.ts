import type { MessageConnection } from 'vscode-jsonrpc/node';
import * as protocol from '../protocol/protocol.ts';
import type { LogMessage } from '../protocol/protocol.ts';
import type { SaveResult } from '../protocol/requests.ts';
import type { InitializeParams } from '../protocol/settings.ts';
import type { EngineState, EngineStatus } from '../protocol/status.ts';
import { systemClock, type Clock } from './clock.ts';
import { EngineClient, type WaitOptions } from './engineClient.ts';
import { EngineError } from './engineError.ts';
import { EngineProcess, type EngineExit, type EngineProcessOptions } from './engineProcess.ts';
import { describeExit, describeFailure, withLimit } from './engineWords.ts';
import { exchange } from './exchange.ts';
import { LifeState, type Life } from './lifeState.ts';
import { RestartPolicy, type RestartPolicyOptions } from './restartPolicy.ts';

export interface SupervisorOptions extends EngineProcessOptions {
  /** Asked at every start, so that a restart sees new settings. */
  readonly initializeParams: () => InitializeParams;
  readonly onStatus?: (status: EngineStatus) => void;
  /** Sessions, their cells or their files are others than before; may come often. */
  readonly onSessionsChange?: () => void;
  readonly onLog?: (message: LogMessage) => void;
  /** Called for every end of an engine process. */
  readonly onExit?: (exit: EngineExit, expected: boolean) => void;
  readonly restartPolicy?: Partial<RestartPolicyOptions>;
  /** An engine that has not answered `initialize` by then is ended and counts as crashed. */
  readonly initializeTimeoutMs?: number;
  readonly clock?: Clock;
}

/** How long a restart waits for the old engine to save, before it is ended. */
const retireMs = 10_000;

/**
 * Keeps one engine process running: starts it, starts it again after a crash (later each time, up to a limit),
 * and ends it. Invariant: at most one process is current; only its messages and its end are heard.
 */
export class EngineSupervisor extends EngineClient {
  readonly #options: SupervisorOptions;
  readonly #clock: Clock;
  readonly #policy: RestartPolicy;
  readonly #life = new LifeState();
  #status: EngineStatus = ownStatus('starting');
  #restarting: Promise<void> | undefined;

  constructor(options: SupervisorOptions) {
    super();
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#policy = new RestartPolicy(options.restartPolicy);
  }

  get status(): EngineStatus {
    return this.#status;
  }

  /** Of the process that runs now. */
  get pid(): number | undefined {
    return processOf(this.#life.now)?.pid;
  }

  /** Returns at once; progress shows in the status. */
  start(): void {
    if (this.#life.now.kind === 'idle') this.#launch();
  }

  /** Lets the engine save, ends it and starts it anew; past crashes are forgotten. Resolves when the new one is connected. */
  async restart(): Promise<void> {
    this.#restarting ??= this.#replace().finally(() => (this.#restarting = undefined));
    await this.#restarting;
    await this.connected({});
  }

  /**
   * Asks the engine to save and end, and waits for it at most `timeoutMs`. It is not killed after that: its channel is
   * closed and it finishes by itself. Undefined: it did not answer in time, or did not run. Final: it cannot be started again.
   */
  async shutdown({ timeoutMs }: { readonly timeoutMs: number }): Promise<SaveResult | undefined> {
    const life = this.#life.now;
    this.#life.set({ kind: 'closed' });
    const engine = processOf(life);
    if (!engine) return undefined;
    const answer = life.kind === 'running' ? askToEnd(engine) : Promise.resolve(undefined);
    if (life.kind !== 'running') engine.release();
    const isGone = await withLimit(engine.gone, timeoutMs, this.#clock);
    if (!isGone) engine.release();
    return isGone ? answer : undefined;
  }

  protected override connected(options: WaitOptions): Promise<MessageConnection> {
    return this.#life.connected(options, this.#clock);
  }

  #launch(): void {
    const engine = new EngineProcess(this.#options, (line) =>
      this.#options.onLog?.({ level: 'debug', message: `engine output: ${line}` }),
    );
    this.#life.set({ kind: 'starting', engine });
    this.#setStatus(ownStatus('starting'));
    this.#listen(engine);
    void engine.gone.then((exit) => this.#ended(engine, exit));
    void this.#initialize(engine);
  }

  #listen(engine: EngineProcess): void {
    engine.connection.onNotification(protocol.statusChanged, (status) => {
      if (this.#isCurrent(engine)) this.#setStatus(status);
    });
    engine.connection.onNotification(protocol.sessionsChanged, () => {
      if (this.#isCurrent(engine)) this.#options.onSessionsChange?.();
    });
    engine.connection.onNotification(protocol.logMessage, (message) =>
      this.#options.onLog?.(message),
    );
    engine.connection.listen();
  }

  async #initialize(engine: EngineProcess): Promise<void> {
    const limit = this.#options.initializeTimeoutMs ?? 60_000;
    const timer = this.#clock.schedule(() => engine.kill(), limit);
    try {
      const params = this.#options.initializeParams();
      const status = await exchange(
        () => engine.connection.sendRequest(protocol.initialize, params),
        undefined,
      );
      if (!this.#isCurrent(engine)) return;
      this.#setStatus(status);
      this.#life.set({ kind: 'running', engine });
    } catch (error) {
      // The end of the process is dealt with where it is noticed; a refusal is final until a person acts.
      const isGone = error instanceof EngineError && error.code === 'ERR_WARMFORK_ENGINE_GONE';
      if (isGone || !this.#isCurrent(engine)) return;
      this.#fail(describeFailure(error));
      engine.kill();
    } finally {
      timer.dispose();
    }
  }

  #ended(engine: EngineProcess, exit: EngineExit): void {
    const isUnexpected = this.#isCurrent(engine);
    this.#options.onExit?.(exit, !isUnexpected);
    if (!isUnexpected) return;
    const decision = this.#policy.crashed(this.#clock.now());
    const words = describeExit(exit);
    this.#options.onLog?.({ level: 'warn', message: `${words}\n${engine.lastOutput}`.trimEnd() });
    if (decision.kind === 'giveUp') {
      this.#fail(
        `${words} It was started ${decision.crashes} times; see the log, then restart it.`,
      );
      return;
    }
    this.#setStatus(ownStatus('starting', `${words} Starting again in ${decision.delayMs} ms.`));
    const timer = this.#clock.schedule(() => this.#launch(), decision.delayMs);
    this.#life.set({ kind: 'waiting', timer });
  }

  async #replace(): Promise<void> {
    const life = this.#life.now;
    if (life.kind === 'closed') throw new EngineError('ERR_WARMFORK_ENGINE_CLOSED', 'Shut down.');
    this.#policy.reset();
    this.#life.set({ kind: 'replacing' });
    this.#setStatus(ownStatus('starting'));
    const engine = processOf(life);
    if (engine) await this.#retire(engine, life.kind === 'running');
    if (this.#life.now.kind === 'replacing') this.#launch();
  }

  async #retire(engine: EngineProcess, isConnected: boolean): Promise<void> {
    if (isConnected) void askToEnd(engine);
    else engine.kill();
    if (await withLimit(engine.gone, retireMs, this.#clock)) return;
    engine.kill();
    await engine.gone;
  }

  #fail(message: string): void {
    this.#life.set({ kind: 'failed', message });
    this.#setStatus(ownStatus('failed', message));
  }

  #isCurrent(engine: EngineProcess): boolean {
    return processOf(this.#life.now) === engine;
  }

  #setStatus(status: EngineStatus): void {
    this.#status = status;
    this.#options.onStatus?.(status);
  }
}

function processOf(life: Life): EngineProcess | undefined {
  return life.kind === 'starting' || life.kind === 'running' ? life.engine : undefined;
}

/** An engine that ends before it has answered is as good as one that answers. */
async function askToEnd(engine: EngineProcess): Promise<SaveResult | undefined> {
  return engine.connection.sendRequest(protocol.shutdown).catch(() => undefined);
}

function ownStatus(state: EngineState, message?: string): EngineStatus {
  return { state, ...(message !== undefined && { message }), persistence: { kind: 'none' } };
}
