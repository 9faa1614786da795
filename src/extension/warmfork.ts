import { release } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../base/disposable.ts';
import { systemClock } from '../client/clock.ts';
import { EngineSupervisor, type SupervisorOptions } from '../client/engineSupervisor.ts';
import { describeExit } from '../client/engineWords.ts';
import type { ServerSettings } from '../protocol/servers.ts';
import type { EngineStatus } from '../protocol/status.ts';
import type { WarmforkApi } from './api.ts';
import { ChatEngine } from './chat/chatEngine.ts';
import { ChatFeature } from './chat/chatFeature.ts';
import { registerCommands } from './commands.ts';
import { onSettingsChanged, readSettingProblems, readSettings } from './configuration.ts';
import { DiagnosticsFeature } from './diagnostics/diagnosticsFeature.ts';
import type { LogRing } from './diagnostics/logRing.ts';
import { engineParams } from './engineParams.ts';
import { InlineCompletions } from './inline/inlineCompletions.ts';
import type { CompletionTrace } from './inline/question.ts';
import { ModelProvider } from './languageModel/modelProvider.ts';
import { Participant } from './languageModel/participant.ts';
import { writeLog } from './log.ts';
import { GpuGuard, type GpuFailure } from './models/gpuGuard.ts';
import { ModelsFeature } from './models/modelsFeature.ts';
import { ProjectWatcher } from './project/projectWatcher.ts';
import { ContextView } from './project/showContext.ts';
import { FileSessions } from './sessions/fileSessions.ts';
import { ServersFeature } from './servers/serversFeature.ts';
import { SessionsFeature } from './sessions/sessionsFeature.ts';
import { choosesOtherContext, needsRestart, type WarmforkSettings } from './settings.ts';
import { sharedEngineOptions } from './sharedEngineOptions.ts';
import { StatusBar } from './status/statusBar.ts';
import { WalkthroughProgress } from './walkthrough/walkthrough.ts';

/** Settings change letter by letter; the engine is restarted when they have come to rest. */
const settleMs = 500;

/** The extension while it is active: owns the engine and everything that shows. */
export class Warmfork implements Disposable {
  readonly #store = new DisposableStore();
  readonly #context: vscode.ExtensionContext;
  readonly #log: vscode.LogOutputChannel;
  readonly #statusChanged = this.#store.add(new vscode.EventEmitter<EngineStatus>());
  readonly #completed = this.#store.add(new vscode.EventEmitter<CompletionTrace>());
  readonly #walkthrough = new WalkthroughProgress();
  readonly #statusBar = this.#store.add(new StatusBar());
  readonly #gpu: GpuGuard;
  readonly #engine: EngineSupervisor;
  readonly #chatEngine: ChatEngine;
  readonly #inline: InlineCompletions;
  readonly #fileSessions: FileSessions;
  readonly #chat: ChatFeature;
  readonly #provider: ModelProvider;
  readonly #models: ModelsFeature;
  readonly #participant: Participant;
  readonly #contextView: ContextView;
  readonly #sessions: SessionsFeature;
  readonly #servers: ServersFeature;
  readonly #diagnostics: DiagnosticsFeature;
  #settings: WarmforkSettings = readSettings();
  /** Values that cannot be used, in words. */
  #settingProblems: readonly string[] = [];
  #restartTimer: Disposable | undefined;
  #watcher: ProjectWatcher | undefined;
  #lastCompletion: CompletionTrace | undefined;

  constructor(context: vscode.ExtensionContext, log: vscode.LogOutputChannel, ring: LogRing) {
    this.#context = context;
    this.#log = log;
    this.#gpu = rememberedGpu(context);
    this.#servers = this.#store.add(this.#makeServers());
    this.#engine = this.#makeEngine();
    this.#chatEngine = this.#makeChatEngine();
    this.#inline = this.#store.add(this.#makeInline());
    this.#fileSessions = this.#store.add(new FileSessions(this.#engine, log));
    this.#chat = this.#store.add(new ChatFeature(context, this.#chatEngine.client, log));
    this.#provider = this.#store.add(new ModelProvider(this.#chatEngine.client));
    this.#models = this.#store.add(this.#makeModels());
    this.#participant = this.#store.add(
      new Participant(this.#chatEngine.client, context.extensionUri),
    );
    this.#contextView = this.#store.add(new ContextView(this.#engine));
    this.#sessions = this.#store.add(this.#makeSessions());
    this.#diagnostics = new DiagnosticsFeature({ context, engine: this.#engine, ring });
    this.#watchProject();
    this.#registerCommands();
    this.#store.add(onSettingsChanged(() => this.#settingsChanged()));
    this.#store.add(vscode.workspace.onDidChangeWorkspaceFolders(() => this.#foldersChanged()));
    this.#store.add(
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.#restartSoon('workspace trusted')),
    );
    this.#store.add(
      vscode.window.onDidChangeWindowState(({ focused }) => this.#engine.setFocused(focused)),
    );
    this.#store.add({ dispose: () => this.#watcher?.dispose() });
    this.#store.add({ dispose: () => this.#restartTimer?.dispose() });
    this.#checkSettings();
    this.#showStatus();
    void this.#start();
  }

  get api(): WarmforkApi {
    const engine = this.#engine;
    return {
      version: 1,
      status: () => engine.status,
      counters: () => engine.counters(),
      whenWarm: () => engine.whenWarm().catch(() => engine.status),
      lastCompletion: () => this.#lastCompletion,
      sessions: () => engine.listSessions(),
      enginePid: () => engine.pid,
      chatEnginePid: () => this.#chatEngine.own?.pid,
      chatStatus: () => this.#chatEngine.status,
      ask: (question, limits) => this.#chat.chat.send(question, limits),
      askParticipant: this.#participant.answer,
      diagnostics: () => this.#diagnostics.text(),
      whyNoSuggestion: () => this.#inline.explain().words,
      onDidChangeStatus: this.#statusChanged.event,
      onDidComplete: this.#completed.event,
    };
  }

  dispose(): void {
    this.#store.dispose();
  }

  /** The engine is not in any store: it outlives the editor's side until it has saved. */
  async shutdown(timeoutMs: number): Promise<void> {
    const ending = this.#chatEngine.shutdown(timeoutMs);
    const result = await this.#engine.shutdown({ timeoutMs });
    await ending;
    const words = result ? `${result.saved} sessions saved` : 'the engine finishes by itself';
    this.#log.info(`shut down: ${words}`);
  }

  /** Keys are read before an engine that needs them starts. */
  async #start(): Promise<void> {
    if (this.#servers.forEngine() !== undefined) await this.#servers.load();
    if (this.#store.isDisposed) return;
    this.#engine.start();
    this.#chatEngine.update();
  }

  #makeServers(): ServersFeature {
    return new ServersFeature({
      secrets: this.#context.secrets,
      settings: () => this.#settings.servers,
      onKeysChange: () => {
        if (this.#servers.forEngine() !== undefined) this.#restartSoon('server key changed');
      },
    });
  }

  #makeEngine(): EngineSupervisor {
    return new EngineSupervisor({
      ...this.#supervisorOptions(
        () => this.#engineSettings(),
        () => this.#servers.forEngine(),
      ),
      onStatus: (status) => this.#statusCame(status),
      onSessionsChange: () => this.#sessions.sessionsChanged(),
      // A crash is logged with the engine's last output.
      onExit: (exit, expected) => {
        if (expected) this.#log.info(describeExit(exit));
        else this.#gpu.crashed();
      },
    });
  }

  #makeChatEngine(): ChatEngine {
    // Of its own it only is where no server chats.
    const options = this.#supervisorOptions(
      () => chatSettings(this.#engineSettings()),
      () => undefined,
    );
    return new ChatEngine({
      main: this.#engine,
      make: () => new EngineSupervisor({ ...options, onStatus: () => this.#chatStatusCame() }),
      // With a server for the chat its model would only be there for when the server is away: the other one will do.
      isSeparate: () =>
        this.#settings.chat.modelPath !== '' && this.#settings.servers.chat.url === '',
      onChange: () => this.#showStatus(),
    });
  }

  #supervisorOptions(
    settings: () => WarmforkSettings,
    servers: () => ServerSettings | undefined,
  ): SupervisorOptions {
    const engineModule = this.#context.asAbsolutePath(join('dist', 'engine.mjs'));
    return {
      engineModule,
      initializeParams: () => engineParams(this.#context, settings(), servers()),
      shared: (params) => sharedEngineOptions(params, this.#settings, engineModule, this.#log),
      onLog: (message) => writeLog(this.#log, message),
    };
  }

  /** As set, but without a graphics processor that is known to fail. */
  #engineSettings(): WarmforkSettings {
    const { engine } = this.#settings;
    return { ...this.#settings, engine: { ...engine, gpu: this.#gpu.choose(engine.gpu) } };
  }

  #makeInline(): InlineCompletions {
    return new InlineCompletions({
      engine: this.#engine,
      onTrace: (trace) => this.#traceCame(trace),
      onStateChange: () => this.#showStatus(),
    });
  }

  #makeModels(): ModelsFeature {
    return new ModelsFeature({
      context: this.#context,
      log: this.#log,
      gpu: this.#gpu,
      walkthrough: this.#walkthrough,
    });
  }

  #makeSessions(): SessionsFeature {
    return new SessionsFeature({
      extensionUri: this.#context.extensionUri,
      engine: this.#engine,
      log: this.#log,
      chatTitles: () => this.#chat.titles(),
      chatFiles: () => this.#chat.files(),
      forget: (uri) => this.#inline.forget(uri),
    });
  }

  #registerCommands(): void {
    const commands = registerCommands({
      engine: this.#engine,
      log: this.#log,
      chat: this.#chat,
      models: this.#models,
      servers: this.#servers,
      inline: this.#inline,
      contextView: this.#contextView,
      sessions: this.#sessions,
      diagnostics: this.#diagnostics,
    });
    this.#store.add(commands);
  }

  #statusCame(status: EngineStatus): void {
    if (this.#store.isDisposed) return;
    if (this.#gpu.statusCame(status)) this.#restartSoon('the graphics processor failed');
    this.#showStatus();
    this.#contextView.statusCame(status);
    this.#sessions.statusCame(status);
    if (status.state === 'ready' || status.state === 'warming') this.#inline.served();
    this.#statusChanged.fire(status);
  }

  #chatStatusCame(): void {
    if (this.#store.isDisposed) return;
    this.#showStatus();
    this.#models.chatStatusCame(this.#chatEngine.status);
  }

  #showStatus(): void {
    const notice = this.#gpu.notice(this.#settings.engine.gpu);
    const { status: reported } = this.#engine;
    const status = notice === undefined ? reported : { message: notice, ...reported };
    this.#statusBar.update(status, this.#inline.state, this.#settingProblems);
    this.#chat.setStatus(this.#chatEngine.status);
    this.#provider.setStatus(this.#chatEngine.status);
    this.#models.statusCame(status);
    this.#walkthrough.statusCame(status);
  }

  #traceCame(trace: CompletionTrace): void {
    if (trace.stats) this.#fileSessions.completedIn(trace.uri);
    if (trace.outcome !== 'cancelled') this.#lastCompletion = trace;
    this.#walkthrough.completed(trace);
    this.#log.debug(traceWords(trace));
    this.#completed.fire(trace);
  }

  #settingsChanged(): void {
    const before = this.#settings;
    this.#settings = readSettings();
    this.#checkSettings();
    this.#showStatus();
    this.#chatEngine.update();
    if (needsRestart(before, this.#settings)) this.#restartSoon('settings changed');
    else if (hasOtherChatModel(before, this.#settings))
      this.#restartSoon('other chat model', 'chat');
    else if (choosesOtherContext(before, this.#settings)) {
      void this.#chatEngine.own?.chooseContext(this.#settings.context);
      void this.#engine
        .chooseContext(this.#settings.context)
        .then(() => this.#contextView.refresh());
    }
  }

  /** One line in the log for each value that cannot be used; the status bar names them as long as they are there. */
  #checkSettings(): void {
    const known = new Set(this.#settingProblems);
    this.#settingProblems = readSettingProblems();
    for (const problem of this.#settingProblems) if (!known.has(problem)) this.#log.warn(problem);
  }

  #foldersChanged(): void {
    this.#watchProject();
    this.#restartSoon('folders changed');
  }

  #watchProject(): void {
    this.#watcher?.dispose();
    this.#watcher = new ProjectWatcher(systemClock, (change) => {
      void this.#engine.projectChanged(change);
      void this.#chatEngine.own?.projectChanged(change);
    });
  }

  #restartSoon(why: string, which: 'both' | 'chat' = 'both'): void {
    this.#restartTimer?.dispose();
    this.#restartTimer = systemClock.schedule(() => {
      this.#log.info(`restarting the engine: ${why}`);
      void this.#restart(which);
    }, settleMs);
  }

  async #restart(which: 'both' | 'chat'): Promise<void> {
    await this.#servers.load(); // they may be others than before
    const engines =
      which === 'both' ? [this.#engine, this.#chatEngine.own] : [this.#chatEngine.own];
    for (const engine of engines) {
      // How it goes shows in the status.
      engine?.restart('window').catch((error: unknown) => this.#log.error(String(error)));
    }
  }
}

/** Set differently, while the chat has a model of its own before and after. */
function hasOtherChatModel({ chat: before }: WarmforkSettings, { chat: after }: WarmforkSettings) {
  return before.modelPath !== after.modelPath && before.modelPath !== '' && after.modelPath !== '';
}

function chatSettings(settings: WarmforkSettings): WarmforkSettings {
  return { ...settings, modelPath: settings.chat.modelPath };
}

/** What crashed is remembered until the extension or the system changes. */
function rememberedGpu({ globalState, extension }: vscode.ExtensionContext): GpuGuard {
  const { version } = extension.packageJSON as { readonly version: string };
  const key = 'models.gpuFailure';
  const memory = {
    get: () => globalState.get<GpuFailure>(key),
    set: (failure: GpuFailure | undefined) => void globalState.update(key, failure),
  };
  return new GpuGuard(memory, `${version} ${release()}`);
}

function traceWords({ outcome, source, attempts, ms, stats, error }: CompletionTrace): string {
  const work = stats ? `, ${stats.evaluated} evaluated, ${stats.reused} reused` : '';
  const reason = error === undefined ? '' : `: ${error}`;
  return `completion ${outcome} (${source}, ${attempts} requests, ${ms.toFixed(0)} ms${work})${reason}`;
}
