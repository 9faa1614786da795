import * as vscode from 'vscode';
import type { SwitchPlace } from './inline/decision.ts';
import {
  parseInlineSettings,
  parseSettings,
  settingKeys,
  settingProblems,
  type InlineSettings,
  type WarmforkSettings,
} from './settings.ts';

const section = 'warmfork';

export function readSettings(): WarmforkSettings {
  const configuration = vscode.workspace.getConfiguration(section);
  return parseSettings((key) => configuration.get(key));
}

/** Values that cannot be used, one sentence for each. */
export function readSettingProblems(): readonly string[] {
  const configuration = vscode.workspace.getConfiguration(section);
  return settingProblems((key) => configuration.get(key)).map(({ key, problem }) =>
    vscode.l10n.t('The setting {0} is not used: {1}.', `${section}.${key}`, problem),
  );
}

/** What is set, wherever, to something else than the default. */
export function changedSettings(): readonly { readonly key: string; readonly value: unknown }[] {
  const configuration = vscode.workspace.getConfiguration(section);
  return settingKeys.flatMap((key) => {
    const value: unknown = configuration.get(key);
    const isDefault =
      JSON.stringify(value) === JSON.stringify(configuration.inspect(key)?.defaultValue);
    return isDefault ? [] : [{ key: `${section}.${key}`, value }];
  });
}

/** As they are for a document: a folder and a language can have their own. */
export function readInlineSettings(document?: vscode.TextDocument): InlineSettings {
  const configuration = vscode.workspace.getConfiguration(section, document);
  return parseInlineSettings((key) => configuration.get(key));
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
  await writeSetting('inline.enabled', !readSettings().inline.enabled);
}

/** Where the setting already is, so that the change has an effect; else in the user's settings. */
export async function writeSetting(key: string, value: unknown): Promise<void> {
  const configuration = vscode.workspace.getConfiguration(section);
  const places = configuration.inspect(key);
  const target =
    places?.workspaceValue === undefined
      ? vscode.ConfigurationTarget.Global
      : vscode.ConfigurationTarget.Workspace;
  await configuration.update(key, value, target);
}
