import * as vscode from 'vscode';
import type { SwitchPlace } from './inline/decision.ts';
import { parseSettings, type InlineSettings, type WarmforkSettings } from './settings.ts';

const section = 'warmfork';

export function readSettings(): WarmforkSettings {
  const configuration = vscode.workspace.getConfiguration(section);
  return parseSettings((key) => configuration.get(key));
}

/** As they are for a document: a folder and a language can have their own. */
export function readInlineSettings(document?: vscode.TextDocument): InlineSettings {
  const configuration = vscode.workspace.getConfiguration(section, document);
  return parseSettings((key) => configuration.get(key)).inline;
}

/** Which of the places where `inline.enabled` can be set decides for a document. */
export function switchedOffIn(document: vscode.TextDocument): SwitchPlace {
  const places = vscode.workspace.getConfiguration(section, document).inspect('inline.enabled');
  const forLanguage =
    places?.workspaceFolderLanguageValue ??
    places?.workspaceLanguageValue ??
    places?.globalLanguageValue;
  if (forLanguage === false) return 'language';
  return places?.workspaceFolderValue === false ? 'folder' : 'settings';
}

export function onSettingsChanged(listener: () => void): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration(section)) listener();
  });
}

export async function toggleInline(): Promise<void> {
  await write('inline.enabled', !readSettings().inline.enabled);
}

/** Lets a person choose a GGUF file; the change of the setting restarts the engine. */
export async function selectModel(): Promise<void> {
  const chosen = await vscode.window.showOpenDialog({
    title: 'Select Model File',
    openLabel: 'Use This Model',
    filters: { 'GGUF models': ['gguf'] },
  });
  const path = chosen?.[0]?.fsPath;
  if (path !== undefined) await write('model.path', path);
}

/** Where the setting already is, so that the change has an effect; else in the user's settings. */
async function write(key: string, value: unknown): Promise<void> {
  const configuration = vscode.workspace.getConfiguration(section);
  const places = configuration.inspect(key);
  const target =
    places?.workspaceValue === undefined
      ? vscode.ConfigurationTarget.Global
      : vscode.ConfigurationTarget.Workspace;
  await configuration.update(key, value, target);
}
