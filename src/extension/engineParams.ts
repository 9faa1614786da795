import { homedir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { protocolVersion } from '../protocol/protocol.ts';
import type { ServerSettings } from '../protocol/servers.ts';
import type { InitializeParams, WorkspaceInfo } from '../protocol/settings.ts';
import type { WarmforkSettings } from './settings.ts';

/** What the engine is told at its start. */
export function engineParams(
  context: vscode.ExtensionContext,
  settings: WarmforkSettings,
  servers: ServerSettings | undefined,
): InitializeParams {
  const { version } = context.extension.packageJSON as { readonly version: string };
  return {
    protocolVersion,
    extensionVersion: version,
    workspace: { ...workspaceInfo(), context: settings.context },
    storagePath: sessionStorage(context),
    modelPath: resolveModelPath(context, settings.modelPath),
    settings: settings.engine,
    ...(servers && { servers: withSpare(servers, settings.modelPath) }),
  };
}

/** The stand-in model answers for nobody: without a model of one's own there is nothing to fall back to. */
function withSpare(servers: ServerSettings, modelPath: string): ServerSettings {
  const fallBackToLocal = servers.fallBackToLocal && modelPath.trim() !== '';
  return { ...servers, fallBackToLocal };
}

/** The cache directory. The variable is for tests, which keep their sessions apart. */
export function sessionStorage({ globalStorageUri }: vscode.ExtensionContext): string {
  return process.env['WARMFORK_STORAGE'] ?? join(globalStorageUri.fsPath, 'sessions');
}

/** Of the setting's value: empty stands for the stand-in model, `~` for the home folder. */
export function resolveModelPath(context: vscode.ExtensionContext, chosen: string): string {
  const path = chosen.trim();
  if (path === '') return context.asAbsolutePath(join('models', 'stand-in.gguf'));
  return /^~[/\\]/.test(path) ? join(homedir(), path.slice(2)) : path;
}

/** Folders of other file systems than this machine's give no context. */
function workspaceInfo(): WorkspaceInfo {
  const folders = vscode.workspace.workspaceFolders ?? [];
  const exclude = vscode.workspace
    .getConfiguration('files')
    .get<Record<string, unknown>>('exclude');
  return {
    key: folders.map(({ uri }) => uri.toString()).join('\n'),
    name: vscode.workspace.name ?? 'workspace',
    trusted: vscode.workspace.isTrusted,
    folders: folders
      .filter(({ uri }) => uri.scheme === 'file')
      .map(({ name, uri }) => ({ name, path: uri.fsPath, uri: uri.toString() })),
    filesExclude: Object.entries(exclude ?? {})
      .filter(([, isOn]) => isOn === true)
      .map(([pattern]) => pattern),
  };
}
