import { statSync } from 'node:fs';
import type * as vscode from 'vscode';
import type { SharedEngineOptions } from '../client/sharedEngine.ts';
import type { InitializeParams } from '../protocol/settings.ts';
import { engineKey } from '../rendezvous/engineKey.ts';
import { requirePrivateDirectory, runtimeDirectory } from '../rendezvous/runtimeDirectory.ts';
import type { WarmforkSettings } from './settings.ts';

/** Long enough for a window that is reloaded, or closed and opened again, in ms. */
const lingerMs = 60_000;

/** With which windows this one shares its engine. Undefined: with none, as a setting says or where it is not safe. */
export function sharedEngineOptions(
  params: InitializeParams,
  { sharesEngine }: WarmforkSettings,
  engineModule: string,
  log: vscode.LogOutputChannel,
): SharedEngineOptions | undefined {
  if (!sharesEngine) return undefined;
  const directory = runtimeDirectory();
  try {
    requirePrivateDirectory(directory);
  } catch (error) {
    log.warn(`the engine is not shared with other windows: ${(error as Error).message}`);
    return undefined;
  }
  const forTests = process.env['WARMFORK_LINGER_MS'];
  // An extension that is built anew keeps its version: what runs must be what is there.
  const extensionVersion = `${params.extensionVersion} of ${statSync(engineModule).mtimeMs}`;
  return {
    directory,
    key: engineKey({ ...params, extensionVersion }),
    lingerMs: forTests === undefined ? lingerMs : Number(forTests),
  };
}
