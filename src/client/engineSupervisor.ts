import type { MessageConnection } from 'vscode-jsonrpc/node';
import * as protocol from '../protocol/protocol.ts';
import type { LogMessage } from '../protocol/protocol.ts';
import type { SaveResult } from '../protocol/requests.ts';
import type { InitializeParams } from '../protocol/settings.ts';
import type { EngineState, EngineStatus } from '../protocol/status.ts';
import { systemClock, type Clock } from './clock.ts';
import { EngineClient, type WaitOptions } from './engineClient.ts';
import { EngineError } from './engineError.ts';
import type { EngineExit, EngineLink } from './engineLink.ts';
import { EngineProcess, type EngineProcessOptions } from './engineProcess.ts';
import { describeExit, describeFailure, withLimit } from './engineWords.ts';
import { exchange } from './exchange.ts';
import { SharedEngine, type SharedEngineOptions } from './sharedEngine.ts';
import { LifeState, type Life } from './lifeState.ts';
import { RestartPolicy, type RestartPolicyOptions } from './restartPolicy.ts';

/** What `restart` starts anew: this window's way to the engine, with its present settings, or the process itself. */
export type RestartScope = 'window' | 'engine';

export interface SupervisorOptions extends EngineProcessOptions {
  /** Asked at every start: with which windows the engine is shared. Undefined, or absent: with none. */
  readonly shared?: (params: InitializeParams) => SharedEngineOptions | undefined;
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
  /** Engines that are being restarted by another window. */
  readonly #ending = new WeakSet<EngineLink>();
  #focused = true;

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

  /**
   * Lets the engine save, ends it and starts it anew; past crashes are forgotten. Resolves when the new one is connected.
   * With scope `window` an engine that other windows share goes on for them.
   */
  async restart(scope: RestartScope = 'engine'): Promise<void> {
    this.#restarting ??= this.#replace(scope).finally(() => (this.#restarting = undefined));
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
    const answer =
      life.kind === 'running' ? askToEnd(engine, 'window') : Promise.resolve(undefined);
    if (life.kind !== 'running') engine.release();
    const isGone = await withLimit(engine.gone, timeoutMs, this.#clock);
    if (!isGone) engine.release();
    return isGone ? answer : undefined;
  }

  /** Tells the engine whether this is the window in use: its inline completions go first. */
  setFocused(focused: boolean): void {
    this.#focused = focused;
    const engine = processOf(this.#life.now);
    if (engine !== undefined) this.#sendFocus(engine);
  }

  protected override connected(options: WaitOptions): Promise<MessageConnection> {
    return this.#life.connected(options, this.#clock);
  }

  #launch(): void {
    const params = this.#options.initializeParams();
    const engine = this.#reach(params);
    this.#life.set({ kind: 'starting', engine });
    this.#setStatus(ownStatus('starting'));
    this.#listen(engine);
    void engine.gone.then((exit) => this.#ended(engine, exit));
    void this.#initialize(engine, params);
  }

  #reach(params: InitializeParams): EngineLink {
    const shared = this.#options.shared?.(params);
    if (shared !== undefined) return new SharedEngine(this.#options, shared);
    return new EngineProcess(this.#options, (line) =>
      this.#options.onLog?.({ level: 'debug', message: `engine output: ${line}` }),
    );
  }

  #listen(engine: EngineLink): void {
    engine.connection.onNotification(protocol.statusChanged, (status) => {
      if (this.#isCurrent(engine)) this.#setStatus(status);
    });
    engine.connection.onNotification(protocol.sessionsChanged, () => {
      if (this.#isCurrent(engine)) this.#options.onSessionsChange?.();
    });
    engine.connection.onNotification(protocol.engineEnding, () => {
      this.#ending.add(engine);
    });
    engine.connection.onNotification(protocol.logMessage, (message) =>
      this.#options.onLog?.(message),
    );
    engine.connection.listen();
  }

  async #initialize(engine: EngineLink, params: InitializeParams): Promise<void> {
    const limit = this.#options.initializeTimeoutMs ?? 60_000;
    const timer = this.#clock.schedule(() => engine.kill(), limit);
    try {
      this.#sendFocus(engine);
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
      engine.abandon();
    } finally {
      timer.dispose();
    }
  }

  #ended(engine: EngineLink, exit: EngineExit): void {
    const isUnexpected = this.#isCurrent(engine);
    this.#options.onExit?.(exit, !isUnexpected);
    if (!isUnexpected) return;
    if (this.#ending.has(engine)) return this.#launch(); // another window restarts it
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

  async #replace(scope: RestartScope): Promise<void> {
    const life = this.#life.now;
    if (life.kind === 'closed') throw new EngineError('ERR_WARMFORK_ENGINE_CLOSED', 'Shut down.');
    this.#policy.reset();
    this.#life.set({ kind: 'replacing' });
    this.#setStatus(ownStatus('starting'));
    const engine = processOf(life);
    if (engine) await this.#retire(engine, life.kind === 'running', scope);
    if (this.#life.now.kind === 'replacing') this.#launch();
  }

  async #retire(engine: EngineLink, isConnected: boolean, scope: RestartScope): Promise<void> {
    if (isConnected) void askToEnd(engine, scope);
    else engine.abandon();
    if (await withLimit(engine.gone, retireMs, this.#clock)) return;
    engine.kill();
    await engine.gone;
  }

  #fail(message: string): void {
    this.#life.set({ kind: 'failed', message });
    this.#setStatus(ownStatus('failed', message));
  }

  #sendFocus({ connection }: EngineLink): void {
    const focused = this.#focused;
    void connection.sendNotification(protocol.windowFocused, { focused }).catch(() => undefined);
  }

  #isCurrent(engine: EngineLink): boolean {
    return processOf(this.#life.now) === engine;
  }

  #setStatus(status: EngineStatus): void {
    this.#status = status;
    this.#options.onStatus?.(status);
  }
}

function processOf(life: Life): EngineLink | undefined {
  return life.kind === 'starting' || life.kind === 'running' ? life.engine : undefined;
}

/** An engine that ends before it has answered is as good as one that answers. */
async function askToEnd(engine: EngineLink, scope: RestartScope): Promise<SaveResult | undefined> {
  const request = scope === 'window' ? protocol.shutdown : protocol.endEngine;
  const answer = await engine.connection.sendRequest(request).catch(() => undefined);
  if (scope === 'window') engine.release(); // a process that serves others does not end by itself
  return answer;
}

function ownStatus(state: EngineState, message?: string): EngineStatus {
  return { state, ...(message !== undefined && { message }), persistence: { kind: 'none' } };
}
