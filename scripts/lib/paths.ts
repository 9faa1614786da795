import { homedir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

/** The repository. */
export const root = join(import.meta.dirname, '..', '..');

/** Absolute path of a file in the repository. */
export function inRoot(...parts: readonly string[]): string {
  return join(root, ...parts);
}

/** Where downloads are kept that every clone can share; honours XDG_CACHE_HOME. */
export function userCache(...parts: readonly string[]): string {
  const caches = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(caches, 'warmfork', ...parts);
}
