import type { Runtime } from '../runtime.ts';

type Level = Parameters<Runtime['log']>[0];

/** What llama.cpp says when a decode ends because we aborted it. */
const aborted = [
  /graph_compute_async failed with error 1\s*$/,
  /compute status: 1\s*$/,
  /removing memory module entries for seq_id/,
  /failed to decode, ret = 2\s*$/,
];

/** What llama.cpp says while it loads is for bug reports, and an interrupted decode is no error. */
export function llamaLogLevel(level: Level, message: string): Level {
  if (level === 'info') return 'debug';
  return aborted.some((pattern) => pattern.test(message)) ? 'debug' : level;
}
