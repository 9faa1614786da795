/**
 * An engine some of whose roles servers answer. The local one behind it serves the rest, and a role whose server is
 * away; where servers have both roles it is not started before it is needed.
 */
import type { ChatParams, ChatResult, OpenChatParams, OpenedChat } from '../../protocol/chat.ts';
import type { EngineDiagnostics } from '../../protocol/diagnostics.ts';
import type { ContextChoice, ContextReport, ProjectChange } from '../../protocol/project.ts';
import type {
  CompletionParams,
  CompletionResult,
  RemoveResult,
  SaveResult,
} from '../../protocol/requests.ts';
import type { ServerHealth, ServerRole, ServerSettings } from '../../protocol/servers.ts';
import type { SessionReport } from '../../protocol/sessionReport.ts';
import type { CacheLedger } from '../../protocol/sessions.ts';
import type { InitializeParams } from '../../protocol/settings.ts';
import type {
  BaseFacts,
  EngineCounters,
  EngineStatus,
  SessionInfo,
} from '../../protocol/status.ts';
import { Activity } from '../activity.ts';
import { emptyResult, noStats } from '../completion/completion.ts';
import { newCounters } from '../counters.ts';
import { Engine, type EngineOptions } from '../engine.ts';
import type { EngineApi } from '../engineApi.ts';
import { EngineError } from '../errors.ts';
import type { SessionActions } from '../sessions/sessionActions.ts';
import { ChatRole, tokensIn } from './chatRole.ts';
import { serverClock, type ServerClock } from './clock.ts';
import { CompletionRole } from './completionRole.ts';
import { ServerError } from './serverError.ts';
import { assumedContextTokens } from './serverBudget.ts';
import type { RoleOptions } from './servedRole.ts';

const nothingSaved: SaveResult = { saved: 0, bytes: 0 };
/** How long the end of the engine waits for a server to keep a session, in ms. */
const keepMs = 3_000;

export interface ServedOptions extends EngineOptions {
  readonly clock?: ServerClock;
}

export class ServedEngine implements EngineApi {
  readonly #params: InitializeParams;
  readonly #settings: ServerSettings;
  readonly #options: ServedOptions;
  readonly #ending = new AbortController();
  readonly #activity = new Activity();
  readonly #startedAt = performance.now();
  readonly #completion: CompletionRole | undefined;
  readonly #chat: ChatRole | undefined;
  readonly #warm: Promise<void>;
  #health: Partial<Record<ServerRole, ServerHealth>> = {};
  #lastFirstTokenMs: number | undefined;
  #local: Engine | undefined;
  /** Each sentence about a server is logged once as long as it is the same. */
  readonly #said = new Map<ServerRole, string>();

  constructor(params: InitializeParams, settings: ServerSettings, options: ServedOptions) {
    this.#params = params;
    this.#settings = settings;
    this.#options = options;
    const { completion, chat } = settings;
    this.#completion = completion && new CompletionRole(completion, this.#role('completion'));
    this.#chat = chat && new ChatRole(chat, this.#role('chat'));
    if (completion === undefined || chat === undefined) this.#startLocal();
    this.#publish();
    this.#warm = this.#warmUp();
  }

  get status(): EngineStatus {
    const own: EngineStatus = { state: 'ready', persistence: { kind: 'none' } };
    // With servers in both roles a local model that cannot start is no failure.
    const local = this.#local?.status;
    const isSpare = this.#completion !== undefined && this.#chat !== undefined;
    const base = local === undefined || (isSpare && local.state === 'failed') ? own : local;
    const first = this.#lastFirstTokenMs;
    return {
      ...base,
      ...(isSpare && base.state !== 'ready' && this.#isUp && { state: 'ready' as const }),
      ...(base.model === undefined && this.#serverModel()),
      ...(first !== undefined && { lastFirstTokenMs: first }),
      server: { ...this.#health },
    };
  }

  get idleMs(): number {
    const own = Math.min(this.#activity.idleMs, performance.now() - this.#startedAt);
    return Math.min(own, this.#local?.idleMs ?? own);
  }

  async whenWarm(): Promise<EngineStatus> {
    await this.#warm;
    await this.#local?.whenWarm();
    return this.status;
  }

  complete(
    params: CompletionParams,
    cancelled: AbortSignal,
    onText?: (text: string) => void,
    inUse = true,
  ): Promise<CompletionResult> {
    return this.#activity.during(async () => {
      const role = this.#completion;
      const local = () => this.#startLocal().complete(params, cancelled, onText, inUse);
      if (role === undefined) return local();
      const signal = AbortSignal.any([cancelled, this.#ending.signal]);
      try {
        const result = await role.complete(params, { signal, onText });
        if (result.text !== '' && params.trigger !== 'prefetch')
          this.#firstToken(result.stats.firstTokenMs);
        return result;
      } catch (error) {
        if (signal.aborted) return emptyResult('cancelled');
        if (!this.#failed('completion', error)) throw error;
        // Ghost text is worth no message; the status says what is the matter.
        if (!this.#settings.fallBackToLocal)
          return { ...emptyResult('stop'), dropped: 'serverAway' };
        return local();
      }
    });
  }

  chat(
    params: ChatParams,
    cancelled: AbortSignal,
    onText: (text: string) => void,
  ): Promise<ChatResult> {
    return this.#activity.during(async () => {
      const role = this.#chat;
      const local = () => this.#startLocal().chat(params, cancelled, onText);
      if (role === undefined) return local();
      const signal = AbortSignal.any([cancelled, this.#ending.signal]);
      let isDelivered = false;
      const deliver = (text: string): void => {
        isDelivered = true;
        onText(text);
      };
      try {
        return await role.turn(params, { signal, onText: deliver });
      } catch (error) {
        if (signal.aborted) return { text: '', stopReason: 'cancelled', stats: noStats };
        const mayFallBack = this.#failed('chat', error) && this.#settings.fallBackToLocal;
        if (!mayFallBack || isDelivered) throw asEngineError(error);
        return local();
      }
    });
  }

  async openChat(params: OpenChatParams, cancelled: AbortSignal): Promise<OpenedChat> {
    if (this.#chat !== undefined) {
      const context = await this.#chat.context(params.messages).catch(() => undefined);
      if (context !== undefined) return { context, missing: 0, sessionRestored: false };
      if (!this.#settings.fallBackToLocal)
        return { context: noContext, missing: 0, sessionRestored: false };
    }
    return this.#startLocal().openChat(params, cancelled);
  }

  async closeChat(chatId: string): Promise<SaveResult> {
    return this.#local?.closeChat(chatId) ?? nothingSaved;
  }

  /** A local model may have kept something of it. */
  discardChat(id: string): Promise<RemoveResult> {
    return this.#startLocal().discardChat(id);
  }

  async countTokens(text: string): Promise<number> {
    return this.#local?.countTokens(text) ?? tokensIn(text);
  }

  rebuildBase(): Promise<BaseFacts> {
    return this.#startLocal().rebuildBase();
  }

  async stopBuilding(): Promise<void> {
    await this.#local?.stopBuilding();
  }

  contextReport(): Promise<ContextReport> {
    return this.#startLocal().contextReport();
  }

  async chooseContext(choice: ContextChoice): Promise<void> {
    for (const { project } of this.#roles) project.choose(choice);
    await this.#local?.chooseContext(choice);
  }

  async projectChanged(change: ProjectChange): Promise<void> {
    this.#completion?.projectChanged(change);
    this.#chat?.project.changed(change);
    await this.#local?.projectChanged(change);
  }

  async saveFile(uri: string): Promise<SaveResult> {
    return this.#local?.saveFile(uri) ?? nothingSaved;
  }

  async closeFile(uri: string): Promise<SaveResult> {
    return this.#local?.closeFile(uri) ?? nothingSaved;
  }

  discardFile(uri: string): Promise<RemoveResult> {
    return this.#startLocal().discardFile(uri);
  }

  async saveAll(): Promise<SaveResult> {
    const kept = await this.#keepOnServer();
    const saved = (await this.#local?.saveAll()) ?? nothingSaved;
    return { ...saved, saved: saved.saved + kept };
  }

  async sessions(): Promise<readonly SessionInfo[]> {
    return this.#local?.sessions() ?? [];
  }

  ledger(): Promise<CacheLedger> {
    return this.#startLocal().ledger();
  }

  async diagnostics(): Promise<EngineDiagnostics> {
    if (this.#local !== undefined) return this.#local.diagnostics();
    throw new EngineError('ERR_WARMFORK_NOT_READY', 'Servers answer; there is no local model.');
  }

  withSessions<T>(work: (actions: SessionActions) => Promise<T>): Promise<T> {
    return this.#startLocal().withSessions(work);
  }

  verify(): Promise<SessionReport> {
    return this.#startLocal().verify();
  }

  clear(): Promise<RemoveResult> {
    return this.#startLocal().clear();
  }

  async counters(): Promise<EngineCounters> {
    return this.#local?.counters() ?? newCounters();
  }

  /** Ends requests in flight; the local engine saves what it has. */
  async close(): Promise<SaveResult> {
    const kept = await this.#keepOnServer();
    this.#ending.abort(new Error('The engine is ending.'));
    await Promise.all(this.#roles.map((role) => role.close()));
    const saved = (await this.#local?.close()) ?? nothingSaved;
    return { ...saved, saved: saved.saved + kept };
  }

  get #roles(): readonly (CompletionRole | ChatRole)[] {
    return [this.#completion, this.#chat].filter((role) => role !== undefined);
  }

  get #isUp(): boolean {
    return Object.values(this.#health).some(({ state }) => state === 'up');
  }

  /** For those who want to know what answers while no local model is there. */
  #serverModel(): Pick<EngineStatus, 'model'> {
    const { completion, chat } = this.#health;
    const up = [chat, completion].find((health) => health?.state === 'up');
    if (up === undefined) return {};
    const { host, model: name = '', contextTokens = assumedContextTokens } = up;
    const facts = { standIn: false, fim: true, vocabularyTokens: 0 };
    return { model: { path: `server:${host}`, name, contextTokens, ...facts } };
  }

  async #warmUp(): Promise<void> {
    await Promise.all([this.#completion?.warmUp(), this.#chat?.endpoint.greet()]);
  }

  async #keepOnServer(): Promise<number> {
    const signal = AbortSignal.any([AbortSignal.timeout(keepMs), this.#ending.signal]);
    return (await this.#completion?.save(signal).catch(() => 0)) ?? 0;
  }

  #startLocal(): Engine {
    this.#ending.signal.throwIfAborted();
    return (this.#local ??= new Engine(this.#params, {
      ...this.#options,
      onStatus: () => this.#publish(),
    }));
  }

  #role(role: ServerRole): RoleOptions {
    const { clock = serverClock, log } = this.#options;
    return {
      ...{ params: this.#params, settings: this.#settings, clock, log },
      ending: this.#ending.signal,
      onHealth: (health) => {
        this.#health = { ...this.#health, [role]: health };
        if (health.state === 'up') this.#said.delete(role);
        log('info', `${role}: ${health.host} is ${health.state}`);
        this.#publish();
      },
    };
  }

  /** False for what is no fault of the server. */
  #failed(role: ServerRole, error: unknown): boolean {
    if (!(error instanceof ServerError)) return false;
    if (this.#said.get(role) !== error.message)
      this.#options.log('warn', `${role}: ${error.message}`);
    this.#said.set(role, error.message);
    return true;
  }

  #firstToken(ms: number): void {
    this.#lastFirstTokenMs = ms;
    this.#publish();
  }

  #publish(): void {
    if (!this.#ending.signal.aborted) this.#options.onStatus(this.status);
  }
}

const noContext = { window: 0, base: 0, history: 0, attachments: 0, room: 0 };

/** With a code that hosts know. */
function asEngineError(error: unknown): unknown {
  if (!(error instanceof ServerError)) return error;
  return new EngineError('ERR_WARMFORK_SERVER', error.message, { cause: error });
}
