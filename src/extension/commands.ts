import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../base/disposable.ts';
import { formatBytes, formatCount, formatMs } from '../base/format.ts';
import type { EngineSupervisor } from '../client/engineSupervisor.ts';
import type { ChatFeature } from './chat/chatFeature.ts';
import { commandId, commandNames, type CommandName } from './commandIds.ts';
import type { DiagnosticsFeature } from './diagnostics/diagnosticsFeature.ts';
import { toggleInline } from './configuration.ts';
import { showWhy, snoozeInline } from './inline/inlineCommands.ts';
import type { InlineCompletions } from './inline/inlineCompletions.ts';
import { showMenu } from './menu.ts';
import type { ModelsFeature } from './models/modelsFeature.ts';
import { chooseContext } from './project/chooseContext.ts';
import type { ContextView } from './project/showContext.ts';
import type { ServersFeature } from './servers/serversFeature.ts';
import type { SessionsFeature } from './sessions/sessionsFeature.ts';
import { SessionVerifier } from './sessions/verifySessions.ts';

export interface CommandContext {
  readonly engine: EngineSupervisor;
  readonly log: vscode.LogOutputChannel;
  readonly chat: Pick<ChatFeature, 'commands'>;
  readonly models: Pick<ModelsFeature, 'commands'>;
  readonly servers: Pick<ServersFeature, 'commands'>;
  readonly sessions: Pick<SessionsFeature, 'commands'>;
  readonly diagnostics: Pick<DiagnosticsFeature, 'commands'>;
  readonly inline: InlineCompletions;
  readonly contextView: ContextView;
}

/** Menus give what was clicked on, then everything that is selected. */
type Handler = (argument?: unknown, selection?: unknown) => Promise<unknown>;

/** Registers every command; what fails is shown once, with the way to the log. */
export function registerCommands(context: CommandContext): Disposable {
  const store = new DisposableStore();
  const verifier = store.add(new SessionVerifier(context.engine));
  const handlers = handlersOf(context, verifier);
  for (const name of commandNames) {
    const run = (argument?: unknown, selection?: unknown): Promise<unknown> =>
      handlers[name](argument, selection).catch((error: unknown) =>
        showFailure(error, context.log),
      );
    store.add(vscode.commands.registerCommand(commandId(name), run));
  }
  return store;
}

function handlersOf(
  context: CommandContext,
  verifier: SessionVerifier,
): Record<CommandName, Handler> {
  const { engine, log, inline } = context;
  return {
    rebuildBase: () => rebuildBase(engine),
    stopBuilding: () => engine.stopBuilding(),
    showProjectContext: () => context.contextView.show(),
    includeInContext: (uri, uris) => chooseContext('include', uri, uris),
    excludeFromContext: (uri, uris) => chooseContext('exclude', uri, uris),
    saveAllSessions: async () => {
      const { saved, bytes } = await engine.saveAllSessions();
      inform(vscode.l10n.t('{0} saved ({1}).', sessions(saved), formatBytes(bytes)));
    },
    ...context.sessions.commands,
    verifySessions: () => verifier.run(),
    discardFileSession: (uri) => discardFileSession(context, uri),
    clearSessionCache: (argument) => clearSessionCache(engine, argument),
    restartEngine: () => engine.restart(),
    showLog: async () => log.show(),
    ...context.diagnostics.commands,
    toggleInline,
    whyNoSuggestion: async () => showWhy(inline.explain()),
    snooze: (minutes) => snoozeInline(inline.snooze, minutes),
    endSnooze: async () => inline.snooze.end(),
    ...context.chat.commands,
    ...context.models.commands,
    ...context.servers.commands,
    showMenu: () => showMenu(engine.status, inline.state),
  };
}

async function rebuildBase(engine: EngineSupervisor): Promise<void> {
  const options = {
    location: vscode.ProgressLocation.Window,
    title: vscode.l10n.t('Rebuilding base session'),
  };
  const base = await vscode.window.withProgress(options, () => engine.rebuildBase());
  inform(
    vscode.l10n.t(
      'Base session rebuilt: {0} tokens in {1}.',
      ...[formatCount(base.tokens), formatMs(base.ms)],
    ),
  );
}

async function discardFileSession(context: CommandContext, argument: unknown): Promise<void> {
  const active = vscode.window.activeTextEditor?.document.uri;
  const uri = argument instanceof vscode.Uri ? argument : active;
  if (!uri) return inform(vscode.l10n.t('Open a file first: its session is the one to discard.'));
  context.inline.forget(uri.toString());
  const { removed, bytes } = await context.engine.discardFileSession(uri.toString());
  inform(
    removed > 0
      ? vscode.l10n.t('Session discarded ({0}).', formatBytes(bytes))
      : vscode.l10n.t('This file has no session.'),
  );
}

async function clearSessionCache(engine: EngineSupervisor, argument: unknown): Promise<void> {
  if (argument !== 'confirmed' && !(await confirmClear())) return;
  const { removed, bytes } = await engine.clearSessions();
  inform(vscode.l10n.t('{0} removed ({1}).', sessions(removed), formatBytes(bytes)));
}

async function confirmClear(): Promise<boolean> {
  const yes = vscode.l10n.t('Clear');
  const detail = vscode.l10n.t(
    'What they hold is evaluated again when it is needed. Your files are not touched.',
  );
  const question = vscode.l10n.t('Remove all session files of this workspace?');
  return (await vscode.window.showWarningMessage(question, { modal: true, detail }, yes)) === yes;
}

async function showFailure(error: unknown, log: vscode.LogOutputChannel): Promise<void> {
  const message = error instanceof Error ? error.message : String(error);
  log.error(message);
  const action = vscode.l10n.t('Show Log');
  const choice = await vscode.window.showErrorMessage(`Warmfork: ${message}`, action);
  if (choice === action) log.show();
}

/** Not awaited: a message may stay for as long as a person leaves it. */
function inform(message: string): void {
  void vscode.window.showInformationMessage(`Warmfork: ${message}`);
}

function sessions(count: number): string {
  return count === 1
    ? vscode.l10n.t('1 session')
    : vscode.l10n.t('{0} sessions', formatCount(count));
}
