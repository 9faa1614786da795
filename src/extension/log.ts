import type { LogMessage } from '../protocol/protocol.ts';

/** The one place facts are written to; `vscode.LogOutputChannel` fits. Never document text above trace. */
export type Log = Readonly<Record<LogMessage['level'], (message: string) => void>>;

export function writeLog(log: Log, { level, message }: LogMessage): void {
  log[level](message);
}
