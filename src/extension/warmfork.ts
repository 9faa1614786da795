import { join } from 'node:path';
import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../base/disposable.ts';
import { systemClock } from '../client/clock.ts';
import { EngineSupervisor } from '../client/engineSupervisor.ts';
import { describeExit } from '../client/engineWords.ts';
import type { EngineStatus } from '../protocol/status.ts';
import type { WarmforkApi } from './api.ts';
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
import { ModelsFeature } from './models/modelsFeature.ts';
import { ProjectWatcher } from './project/projectWatcher.ts';
import { ContextView } from './project/showContext.ts';
import { FileSessions } from './sessions/fileSessions.ts';
import { SessionsFeature } from './sessions/sessionsFeature.ts';
import { choosesOtherContext, needsRestart, type WarmforkSettings } from './settings.ts';
import { sharedEngineOptions } from './sharedEngineOptions.ts';
import { StatusBar } from './status/statusBar.ts';

/** Settings change letter by letter; the engine is restarted when they have come to rest. */
const settleMs = 500;

/** The extension while it is active: owns the engine and everything that shows. */
export class Warmfork implements Disposable {
  readonly #store = new DisposableStore();
  readonly #context: vscode.ExtensionContext;
  readonly #log: vscode.LogOutputChannel;
  readonly #ring: LogRing;
  readonly #statusChanged = this.#store.add(new vscode.EventEmitter<EngineStatus>());
  readonly #completed = this.#store.add(new vscode.EventEmitter<CompletionTrace>());
  readonly #statusBar = this.#store.add(new StatusBar());
  readonly #engine: EngineSupervisor;
  readonly #inline: InlineCompletions;
  readonly #fileSessions: FileSessions;
  readonly #chat: ChatFeature;
  readonly #provider: ModelProvider;
  readonly #models: ModelsFeature;
  readonly #participant: Participant;
  readonly #contextView: ContextView;
  readonly #sessions: SessionsFeature;
  #settings: WarmforkSettings = readSettings();
  /** Values that cannot be used, in words. */
  #settingProblems: readonly string[] = [];
  #restartTimer: Disposable | undefined;
  #watcher: ProjectWatcher | undefined;
  #lastCompletion: CompletionTrace | undefined;

  constructor(context: vscode.ExtensionContext, log: vscode.LogOutputChannel, ring: LogRing) {
    this.#context = context;
    this.#log = log;
    this.#ring = ring;
    this.#engine = this.#makeEngine();
    this.#inline = this.#store.add(this.#makeInline());
    this.#fileSessions = this.#store.add(new FileSessions(this.#engine, log));
    this.#chat = this.#store.add(new ChatFeature(context, this.#engine, log));
    this.#provider = this.#store.add(new ModelProvider(this.#engine));
    this.#models = this.#store.add(this.#makeModels());
    this.#participant = this.#store.add(new Participant(this.#engine, context.extensionUri));
    this.#contextView = this.#store.add(new ContextView(this.#engine));
    this.#sessions = this.#store.add(this.#makeSessions());
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
    this.#engine.start();
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
      ask: (question, limits) => this.#chat.chat.send(question, limits),
      askParticipant: this.#participant.answer,
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
    const result = await this.#engine.shutdown({ timeoutMs });
    const words = result ? `${result.saved} sessions saved` : 'the engine finishes by itself';
    this.#log.info(`shut down: ${words}`);
  }

  #makeEngine(): EngineSupervisor {
    return new EngineSupervisor({
      engineModule: this.#context.asAbsolutePath(join('dist', 'engine.mjs')),
      initializeParams: () => engineParams(this.#context, this.#settings),
      shared: (params) => sharedEngineOptions(params, this.#settings, this.#log),
      onStatus: (status) => this.#statusCame(status),
      onLog: (message) => writeLog(this.#log, message),
      onSessionsChange: () => this.#sessions.sessionsChanged(),
      // A crash is logged with the engine's last output.
      onExit: (exit, expected) => {
        if (expected) this.#log.info(describeExit(exit));
      },
    });
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
      gpu: () => this.#settings.engine.gpu,
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
      inline: this.#inline,
      contextView: this.#contextView,
      sessions: this.#sessions,
      diagnostics: new DiagnosticsFeature({
        ...{ context: this.#context, engine: this.#engine, ring: this.#ring },
      }),
    });
    this.#store.add(commands);
  }

  #statusCame(status: EngineStatus): void {
    if (this.#store.isDisposed) return;
    this.#showStatus();
    this.#contextView.statusCame(status);
    this.#sessions.statusCame(status);
    this.#statusChanged.fire(status);
  }

  #showStatus(): void {
    const { status } = this.#engine;
    this.#statusBar.update(status, this.#inline.state, this.#settingProblems);
    this.#chat.setStatus(status);
    this.#provider.setStatus(status);
    this.#models.statusCame(status);
  }

  #traceCame(trace: CompletionTrace): void {
    if (trace.stats) this.#fileSessions.completedIn(trace.uri);
    if (trace.outcome !== 'cancelled') this.#lastCompletion = trace;
    this.#log.debug(traceWords(trace));
    this.#completed.fire(trace);
  }

  #settingsChanged(): void {
    const before = this.#settings;
    this.#settings = readSettings();
    this.#checkSettings();
    this.#showStatus();
    if (needsRestart(before, this.#settings)) this.#restartSoon('settings changed');
    else if (choosesOtherContext(before, this.#settings)) {
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
    this.#watcher = new ProjectWatcher(
      systemClock,
      (change) => void this.#engine.projectChanged(change),
    );
  }

  #restartSoon(why: string): void {
    this.#restartTimer?.dispose();
    this.#restartTimer = systemClock.schedule(() => {
      this.#log.info(`restarting the engine: ${why}`);
      // How it goes shows in the status.
      this.#engine.restart('window').catch((error: unknown) => this.#log.error(String(error)));
    }, settleMs);
  }
}

function traceWords({ outcome, source, attempts, ms, stats, error }: CompletionTrace): string {
  const work = stats ? `, ${stats.evaluated} evaluated, ${stats.reused} reused` : '';
  const reason = error === undefined ? '' : `: ${error}`;
  return `completion ${outcome} (${source}, ${attempts} requests, ${ms.toFixed(0)} ms${work})${reason}`;
}
