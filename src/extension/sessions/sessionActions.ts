/** What a person does with one session of the tree. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { formatBytes, formatCount } from '../../base/format.ts';
import type { EngineClient } from '../../client/engineClient.ts';
import type { ExportedSession } from '../../protocol/sessions.ts';
import type { SessionInfo } from '../../protocol/status.ts';
import type { SessionNode } from './sessionNodes.ts';

export interface SessionActionsOptions {
  readonly engine: EngineClient;
  /** Called before a file's session is discarded: what was suggested from it is forgotten, too. */
  readonly forget: (uri: string) => void;
}

/** The session a menu of the tree was opened on; commands of the palette have none. */
export function chosenSession(argument: unknown): SessionInfo | undefined {
  const node = argument as Partial<SessionNode> | undefined;
  return node?.kind === 'session' ? node.session : undefined;
}

export class SessionActions {
  readonly #options: SessionActionsOptions;

  constructor(options: SessionActionsOptions) {
    this.#options = options;
  }

  async save(session: SessionInfo): Promise<void> {
    const { saved, bytes } = await this.#options.engine.saveSession(session);
    say(
      saved > 0
        ? vscode.l10n.t('Session saved ({0}).', formatBytes(bytes))
        : vscode.l10n.t('There was nothing to save.'),
    );
  }

  /** What it does shows in the tree. */
  async detach(session: SessionInfo): Promise<void> {
    await this.#options.engine.detachSession(session);
  }

  async discard(session: SessionInfo): Promise<void> {
    if (session.kind === 'file') this.#options.forget(session.id);
    await this.#options.engine.discardSession(session);
  }

  async verify(session: SessionInfo): Promise<void> {
    const { problem } = await this.#options.engine.verifySession(session);
    if (problem === undefined) return say(vscode.l10n.t('The session file is in order.'));
    const discard = vscode.l10n.t('Discard');
    const words = vscode.l10n.t('Warmfork: The session file cannot be used: {0}.', problem);
    const choice = await vscode.window.showWarningMessage(words, discard);
    if (choice === discard) await this.discard(session);
  }

  /** @param target for callers that ask nobody; a person is asked where the file should go */
  async export(session: SessionInfo, target?: vscode.Uri): Promise<ExportedSession | undefined> {
    const chosen = target ?? (await askWhere(session));
    if (chosen === undefined) return undefined;
    if (chosen.scheme !== 'file')
      throw new Error(
        vscode.l10n.t(
          'A session can be exported to a folder of this machine only, not to {0}.',
          chosen.toString(true),
        ),
      );
    const { kind, id } = session;
    const exported = await this.#options.engine.exportSession({ kind, id, path: chosen.fsPath });
    say(exportedWords(exported));
    return exported;
  }
}

/** In the file manager; where that is on another machine, the path is copied. */
export async function revealPath(path: string): Promise<void> {
  const isHere = vscode.env.uiKind === vscode.UIKind.Desktop && vscode.env.remoteName === undefined;
  if (isHere) {
    await vscode.commands.executeCommand('revealFileInOS', vscode.Uri.file(path));
    return;
  }
  await vscode.env.clipboard.writeText(path);
  say(vscode.l10n.t('The path was copied: {0}', path));
}

async function askWhere({ kind, id }: SessionInfo): Promise<vscode.Uri | undefined> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? homedir();
  const name = kind === 'base' ? `base-${id.slice(0, 8)}` : kind;
  return vscode.window.showSaveDialog({
    title: vscode.l10n.t('Export Session for llama.cpp'),
    saveLabel: vscode.l10n.t('Export'),
    defaultUri: vscode.Uri.file(join(folder, `warmfork-${name}.session`)),
    filters: { [vscode.l10n.t('llama.cpp session')]: ['session', 'bin'] },
  });
}

function exportedWords({ tokens, bytes, format }: ExportedSession): string {
  const loader = format === 'context' ? 'llama_state_load_file' : 'llama_state_seq_load_file';
  return vscode.l10n.t(
    'Exported: {0} tokens, {1}; llama.cpp loads it with {2}.',
    ...[formatCount(tokens), formatBytes(bytes), loader],
  );
}

/** Not awaited: a message may stay for as long as a person leaves it. */
function say(message: string): void {
  void vscode.window.showInformationMessage(`Warmfork: ${message}`);
}
