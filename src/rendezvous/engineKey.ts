import { createHash } from 'node:crypto';
import type { InitializeParams } from '../protocol/settings.ts';

/**
 * Which windows may share an engine process: those whose key is the same. The version is in it, so that windows that
 * were not reloaded after an update keep theirs; so is every setting that belongs to the process and not to a workspace.
 */
export function engineKey(params: Omit<InitializeParams, 'workspace'>): string {
  const { protocolVersion, extensionVersion, storagePath, modelPath, settings, servers } = params;
  const parts = [
    protocolVersion,
    extensionVersion,
    storagePath,
    modelPath,
    Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1)),
    ...(servers === undefined ? [] : [servers]), // keys included: only their hash leaves this function
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 20);
}
