import { lstatSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * The folder in which windows find the engine they share: on this machine (never on a network drive, where a socket
 * would not be heard), for this user only, and with a short name (a socket's path has about 100 bytes).
 */
export function runtimeDirectory(env: NodeJS.ProcessEnv = process.env): string {
  const own = env['WARMFORK_RUNTIME_DIR']; // for tests
  if (own !== undefined) return own;
  if (process.platform === 'win32') return join(tmpdir(), 'warmfork'); // in the user's profile
  const runtime = env['XDG_RUNTIME_DIR'];
  if (runtime !== undefined && runtime.startsWith('/')) return join(runtime, 'warmfork');
  return join(tmpdir(), `warmfork-${process.getuid?.() ?? 0}`);
}

/** Makes the folder, or throws in words when somebody else could look into it or has put it there. */
export function requirePrivateDirectory(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const facts = lstatSync(path);
  const uid = process.getuid?.();
  const isOthers = uid !== undefined && (facts.uid !== uid || (facts.mode & 0o077) !== 0);
  if (!facts.isDirectory() || isOthers)
    throw new Error(
      `The folder ${path} is not for you alone, so the engine cannot be shared there; remove it, or set warmfork.engine.shared to false.`,
    );
}
