/** The engine of one window: starts, serves requests, keeps the base warm, and ends. No JSON-RPC here. */
import type { Fingerprint } from '../cache/fingerprint.ts';
import type { ChatParams, ChatResult, OpenChatParams, OpenedChat } from '../protocol/chat.ts';
import type {
  CompletionParams,
  CompletionResult,
  RemoveResult,
  SaveResult,
} from '../protocol/requests.ts';
import type { SessionReport } from '../protocol/sessionReport.ts';
import type { CacheLedger } from '../protocol/sessions.ts';
import type { EngineDiagnostics } from '../protocol/diagnostics.ts';
import type { InitializeParams } from '../protocol/settings.ts';
import type { ContextChoice, ContextReport, ProjectChange } from '../protocol/project.ts';
import type { BaseFacts, EngineCounters, EngineStatus, SessionInfo } from '../protocol/status.ts';
import { Activity } from './activity.ts';
import type { Base } from './base/base.ts';
import { BaseKeeper } from './base/baseKeeper.ts';
import { BaseSession } from './base/baseSession.ts';
import { Chats } from './chat/chats.ts';
import { complete, emptyResult, noStats } from './completion/completion.ts';
import { newCounters } from './counters.ts';
import { engineDiagnostics } from './diagnostics/engineDiagnostics.ts';
import { EngineError } from './errors.ts';
import { SessionActions } from './sessions/sessionActions.ts';
import { Overlays } from './overlay/overlays.ts';
import { ProjectBase } from './base/projectBase.ts';
import type { Runtime } from './runtime.ts';
import type { NewestBase } from './start/startContext.ts';
import { startRuntime, type StartOptions } from './start/startRuntime.ts';
import { StatusReport } from './statusReport.ts';
import { trace } from './trace.ts';
import { verifySessions } from './sessions/verifySessions.ts';

/** How often what is in use is marked as such and the disk budget is held, in ms. */
const housekeepingMs = 5 * 60_000;

/** News of a request goes behind its answer, which a person waits for; in ms. */
const afterAnswerMs = 1;

interface Parts {
  readonly runtime: Runtime;
  readonly base: Base;
  readonly overlays: Overlays;
  readonly session: BaseSession;
  readonly keeper: BaseKeeper;
  readonly chats: Chats;
  readonly actions: SessionActions;
  readonly diagnostics: () => Promise<EngineDiagnostics>;
}

export interface EngineOptions {
  readonly onStatus: (status: EngineStatus) => void;
  /** Sessions, their cells or their files are others than before. */
  readonly onSessionsChange?: () => void;
  readonly log: Runtime['log'];
  /** For tests. */
  readonly wrapMapped?: StartOptions['wrapMapped'];
  readonly tamper?: StartOptions['tamper'];
  /** What it shares with the other engines of this process. */
  readonly shared?: StartOptions['shared'];
}

export class Engine {
  readonly #params: InitializeParams;
  readonly #status: StatusReport;
  readonly #sessionsChanged: () => void;
  readonly #log: Runtime['log'];
  readonly #ending = new AbortController();
  readonly #activity = new Activity();
  readonly #startedAt = performance.now();
  readonly #parts: Promise<Parts>;
  /** Settles when the base is in place for the first time, or cannot be. */
  readonly #warm: Promise<void>;
  readonly #housekeeping: NodeJS.Timeout;
  /** Settles when the disk budget was held last; never rejects. */
  #budget: Promise<void> = Promise.resolve();

  constructor(params: InitializeParams, options: EngineOptions) {
    this.#params = params;
    this.#status = new StatusReport(options.onStatus);
    this.#sessionsChanged = () => options.onSessionsChange?.();
    this.#log = options.log;
    this.#parts = this.#start(options);
    this.#warm = this.#warmUp();
    this.#warm.catch(() => undefined); // the status says it
    this.#housekeeping = setInterval(() => void this.#keepBudget(), housekeepingMs).unref();
  }

  get status(): EngineStatus {
    return this.#status.current;
  }

  /** For how long nobody has asked or changed anything, in ms; 0 while it starts or builds a base. */
  get idleMs(): number {
    const { state } = this.status;
    if (state !== 'ready' && state !== 'failed') return 0;
    return Math.min(this.#activity.idleMs, performance.now() - this.#startedAt);
  }

  async whenWarm(): Promise<EngineStatus> {
    await this.#warm.catch(() => undefined);
    return this.status;
  }

  /** `onText` gets the text as it is generated. `inUse` false: another window is the one in use, and goes first. */
  async complete(
    params: CompletionParams,
    cancelled: AbortSignal,
    onText?: (text: string) => void,
    inUse = true,
  ): Promise<CompletionResult> {
    const { runtime, base, overlays } = await this.#parts;
    const ending = this.#ending.signal;
    const signal = AbortSignal.any([cancelled, ending]);
    try {
      const result = await this.#activity.during(() =>
        runtime.gate.shared(() =>
          complete(runtime, base, overlays, params, { signal, onText, inUse, ending }),
        ),
      );
      if (result.stats.generated > 0 && params.trigger !== 'prefetch')
        setTimeout(() => this.#status.firstToken(result.stats.firstTokenMs), afterAnswerMs);
      this.#sessionsChanged();
      return result;
    } catch (error) {
      if (signal.aborted) return emptyResult('cancelled');
      throw error;
    }
  }

  async chat(
    params: ChatParams,
    cancelled: AbortSignal,
    onText: (text: string) => void,
  ): Promise<ChatResult> {
    const { chats } = await this.#parts;
    const signal = AbortSignal.any([cancelled, this.#ending.signal]);
    try {
      const result = await this.#activity.during(() => chats.turn(params, { signal, onText }));
      void this.#saved(chats.settle(params, result)).catch(this.#unsettled);
      return result;
    } catch (error) {
      if (signal.aborted) return { text: '', stopReason: 'cancelled', stats: noStats };
      throw error;
    }
  }

  async openChat(params: OpenChatParams, cancelled: AbortSignal): Promise<OpenedChat> {
    const { chats } = await this.#parts;
    return chats.open(params, AbortSignal.any([cancelled, this.#ending.signal]));
  }

  async closeChat(chatId: string): Promise<SaveResult> {
    const { chats } = await this.#parts;
    return this.#saved(chats.close(chatId));
  }

  async discardChat(id: string): Promise<RemoveResult> {
    return this.withSessions((actions) => actions.discard({ kind: 'chat', id }));
  }

  async countTokens(text: string): Promise<number> {
    return (await this.#parts).chats.countTokens(text);
  }

  /** What a chat is spared at its next turn is no matter of life and death. */
  readonly #unsettled = (error: unknown): void => {
    this.#log('warn', `a chat could not be put aside: ${(error as Error).message}`);
  };

  /** Makes the project as it is now the base. */
  async rebuildBase(): Promise<BaseFacts> {
    const { keeper, session } = await this.#parts;
    await keeper.rebuild();
    const { facts } = session;
    if (facts === undefined)
      throw new EngineError('ERR_WARMFORK_NOT_READY', 'The base session could not be built.');
    return facts;
  }

  /** Ends the build that runs, if any; see `BaseKeeper.stop`. */
  async stopBuilding(): Promise<void> {
    (await this.#parts).keeper.stop();
  }

  async contextReport(): Promise<ContextReport> {
    return (await this.#parts).keeper.report();
  }

  async chooseContext(choice: ContextChoice): Promise<void> {
    (await this.#started())?.keeper.choose(choice);
  }

  async projectChanged(change: ProjectChange): Promise<void> {
    (await this.#started())?.keeper.changed(change);
  }

  /** Nobody waits for the answer to a notification: the status says why there is no engine. */
  #started(): Promise<Parts | undefined> {
    return this.#parts.catch(() => undefined);
  }

  async saveFile(uri: string): Promise<SaveResult> {
    const { overlays } = await this.#parts;
    return this.#saved(overlays.save({ kind: 'file', uri }));
  }

  async closeFile(uri: string): Promise<SaveResult> {
    const { overlays } = await this.#parts;
    return this.#saved(overlays.close({ kind: 'file', uri }));
  }

  async discardFile(uri: string): Promise<RemoveResult> {
    return this.withSessions((actions) => actions.discard({ kind: 'file', id: uri }));
  }

  async saveAll(): Promise<SaveResult> {
    const { overlays } = await this.#parts;
    return this.#saved(overlays.saveAll());
  }

  async sessions(): Promise<readonly SessionInfo[]> {
    return (await this.#parts).actions.list();
  }

  async ledger(): Promise<CacheLedger> {
    return (await this.#parts).actions.ledger();
  }

  async diagnostics(): Promise<EngineDiagnostics> {
    return (await this.#parts).diagnostics();
  }

  /** What a person does with single sessions; what it changes is told to who wants to know. */
  async withSessions<T>(work: (actions: SessionActions) => Promise<T>): Promise<T> {
    const { actions } = await this.#parts;
    return work(actions).finally(() => this.#filesChanged());
  }

  async #filesChanged(): Promise<void> {
    const { session } = await this.#parts;
    if ((await session.lookForFile()) && session.facts) this.#status.set({ base: session.facts });
    this.#sessionsChanged();
  }

  /** Whether every session file holds what its manifest says. */
  async verify(): Promise<SessionReport> {
    const { persistence } = (await this.#parts).runtime;
    if (persistence !== undefined) return verifySessions(persistence);
    const reason = this.status.persistence.reason ?? 'Sessions are not kept on disk.';
    throw new EngineError('ERR_WARMFORK_NOT_READY', `There is nothing to verify: ${reason}`);
  }

  /** Removes every session file of this workspace and what is kept of its files. What is in memory stays and goes on serving. */
  async clear(): Promise<RemoveResult> {
    const { runtime, keeper } = await this.#parts;
    const removed = (await runtime.persistence?.store.clear()) ?? { removed: 0, bytes: 0 };
    await keeper.forget();
    await this.#filesChanged();
    return removed;
  }

  async counters(): Promise<EngineCounters> {
    if (this.status.state === 'failed') return newCounters();
    const { runtime } = await this.#parts;
    return { ...runtime.counters };
  }

  /** Ends requests in flight, saves what is dirty and closes everything; nothing may be asked afterwards. */
  async close(): Promise<SaveResult> {
    this.#ending.abort(new Error('The engine is ending.'));
    clearInterval(this.#housekeeping);
    const parts = await this.#parts.catch(() => undefined);
    if (parts === undefined) return { saved: 0, bytes: 0 };
    await this.#warm.catch(() => undefined);
    await parts.keeper.close();
    await parts.chats.idle();
    await parts.runtime.gate.exclusive(async () => undefined); // what was in flight has put its session back
    const saved = await parts.overlays.saveAll();
    await this.#budget; // one that runs
    await this.#holdBudget(parts);
    await parts.runtime.gate.exclusive(async () => {
      await parts.session.close();
      await parts.runtime.context.close();
      await parts.runtime.releaseModel();
    });
    trace({ event: 'engine', state: 'closed' });
    return saved;
  }

  async #start({ wrapMapped, tamper, shared }: EngineOptions): Promise<Parts> {
    try {
      this.#status.set({ state: 'loadingModel' });
      const started = await startRuntime(this.#params, {
        log: this.#log,
        onFallback: (reason) => this.#status.set({ persistence: { kind: 'file', reason } }),
        onVariant: (variant) => this.#status.set({ variant }),
        wrapMapped,
        tamper,
        shared,
      });
      const { runtime, fingerprint, images, newest, library, contextOptions } = started;
      const { model, persistence, notice } = started;
      this.#status.set({ model, persistence, ...(notice && { message: notice }) });
      const base: Base = { sequence: runtime.pool.acquire(), id: undefined };
      const overlays = new Overlays(runtime, base);
      const session = new BaseSession(runtime, base, overlays, { fingerprint, images });
      runtime.decoder.makeRoom = async (keep) =>
        (await overlays.detachOldest()) || (await session.giveWay(keep));
      const chats = new Chats(runtime, base, overlays, this.#ending.signal);
      const keeper = this.#makeKeeper(runtime, session, fingerprint);
      const actions = new SessionActions({
        memory: () => ({ runtime, base, overlays, isInPlace: session.isInPlace }),
        ...{ chats, params: this.#params, forgetProject: () => keeper.forget() },
      });
      const diagnostics = () => {
        const { isInPlace } = session;
        const copiedBecause = images.off;
        return engineDiagnostics({ runtime, library, contextOptions, isInPlace, copiedBecause });
      };
      const parts: Parts = {
        ...{ runtime, base, overlays, session, keeper, chats, actions, diagnostics },
      };
      if (newest !== undefined) await this.#restoreNewest(parts, newest);
      return parts;
    } catch (error) {
      const gpuFailed = (error as { readonly code?: string }).code === 'ERR_WARMFORK_GPU';
      const failed = { state: 'failed', message: (error as Error).message } as const;
      this.#status.set(gpuFailed ? { ...failed, gpuFailed } : failed);
      throw error;
    }
  }

  /** The base that served last serves first, before anybody has looked at the project. */
  async #restoreNewest({ session }: Parts, { entry, inPlace }: NewestBase): Promise<void> {
    if (inPlace !== undefined) session.adopt(entry, inPlace.tokens, inPlace.ms);
    else if (!(await session.restore(entry))) return;
    this.#setReady(session);
    const { tokens = 0, ms = 0 } = session.facts ?? {};
    const way = session.isInPlace ? 'mapped in place' : 'copied';
    this.#log('info', `base restored: ${tokens} tokens, 0 evaluated, ${ms.toFixed(1)} ms, ${way}`);
  }

  async #warmUp(): Promise<void> {
    const { keeper } = await this.#parts;
    await keeper.warmUp();
  }

  #makeKeeper(runtime: Runtime, session: BaseSession, fingerprint: Fingerprint): BaseKeeper {
    return new BaseKeeper({
      ...{ runtime, session, fingerprint, activity: this.#activity },
      project: new ProjectBase(runtime, this.#params),
      signal: this.#ending.signal,
      onWarming: (warming) => this.#status.set({ state: 'warming', warming }),
      onReady: () => this.#setReady(session), // with the old base, if there will be no new one
      onSettled: () => this.#keepBudget(),
      onFailure: (error) => {
        // Without a base everything works, only colder.
        const message = `The base session could not be built: ${(error as Error).message}`;
        this.#log('error', message);
        this.#status.set({ state: 'ready', message });
      },
    });
  }

  /** What `saving` answers, when the disk budget is held again. */
  async #saved(saving: Promise<SaveResult>): Promise<SaveResult> {
    const result = await saving;
    if (result.saved > 0) await this.#keepBudget();
    this.#sessionsChanged();
    return result;
  }

  /** Holds the budget, one time after the other; not while the engine ends, which does it by itself. */
  #keepBudget(): Promise<void> {
    this.#budget = this.#budget.then(async () => {
      const parts = await this.#parts.catch(() => undefined);
      if (parts !== undefined && !this.#ending.signal.aborted) await this.#holdBudget(parts);
    });
    return this.#budget;
  }

  /** Marks the base as in use and removes what the disk budget has no room for. */
  async #holdBudget({ runtime, session }: Parts): Promise<void> {
    try {
      await runtime.persistence?.store.evict({ mapped: session.mapped });
    } catch (error) {
      this.#log('warn', `the disk budget could not be held: ${(error as Error).message}`);
    }
  }

  #setReady(session: BaseSession): void {
    void this.#started().then((parts) => parts?.overlays.ready.refillSoon());
    const { facts } = session;
    this.#status.set({ state: 'ready', warming: undefined, ...(facts && { base: facts }) });
    trace({ event: 'engine', state: 'ready' });
  }
}
