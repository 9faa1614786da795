import * as vscode from 'vscode';
import { parseSettings, type WarmforkSettings } from './settings.ts';

const section = 'warmfork';

export function readSettings(): WarmforkSettings {
  const configuration = vscode.workspace.getConfiguration(section);
  return parseSettings((key) => configuration.get(key));
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
