import * as vscode from 'vscode';
import type { ContextChoice } from '../../protocol/project.ts';
import { globOf, withChoice, type ChoiceKind } from './contextChoice.ts';

const section = 'warmfork.context';

/** What the settings say now, folder settings not counted: one base serves all folders. */
function readContextChoice(): ContextChoice {
  const configuration = vscode.workspace.getConfiguration(section);
  return {
    include: texts(configuration.get('include')),
    exclude: texts(configuration.get('exclude')),
  };
}

/**
 * Includes or excludes what was chosen in the explorer (or the active editor's file). Written to the
 * workspace's settings; the change reaches the engine as every change of settings does.
 */
export async function chooseContext(
  kind: ChoiceKind,
  argument: unknown,
  selection: unknown,
): Promise<void> {
  const uris = chosenUris(argument, selection);
  const globs = uris.flatMap((uri) => {
    const folder = vscode.workspace.getWorkspaceFolder(uri);
    const path = folder && uri.path.slice(folder.uri.path.replace(/\/$/u, '').length + 1);
    return path ? [globOf(path)] : [];
  });
  if (globs.length === 0) {
    const words = vscode.l10n.t('Choose a file or folder of the workspace first.');
    void vscode.window.showInformationMessage(`Warmfork: ${words}`);
    return;
  }
  const before = readContextChoice();
  const after = withChoice(before, kind, globs);
  const configuration = vscode.workspace.getConfiguration(section);
  const target = vscode.ConfigurationTarget.Workspace;
  for (const name of ['include', 'exclude'] as const) {
    if (after[name] !== before[name]) await configuration.update(name, after[name], target);
  }
}

function chosenUris(argument: unknown, selection: unknown): readonly vscode.Uri[] {
  if (Array.isArray(selection)) {
    const uris = selection.filter((one): one is vscode.Uri => one instanceof vscode.Uri);
    if (uris.length > 0) return uris;
  }
  if (argument instanceof vscode.Uri) return [argument];
  const active = vscode.window.activeTextEditor?.document.uri;
  return active === undefined ? [] : [active];
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
}
