import type * as vscode from 'vscode';
import type { LogRing } from './logRing.ts';

/** The same channel, whose warnings and errors are remembered, too. */
export function recordingLog(channel: vscode.LogOutputChannel, ring: LogRing): typeof channel {
  const record = (level: 'warn' | 'error') => ({
    value: (message: string | Error, ...args: unknown[]): void => {
      ring.add(level, message instanceof Error ? message.message : message);
      (channel[level] as (text: string | Error, ...rest: unknown[]) => void)(message, ...args);
    },
  });
  const recorder: unknown = Object.create(channel, {
    warn: record('warn'),
    error: record('error'),
  });
  return recorder as typeof channel; // everything else is inherited
}
