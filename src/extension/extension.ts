import * as vscode from 'vscode';
import type { WarmforkApi } from './api.ts';
import { LogRing } from './diagnostics/logRing.ts';
import { recordingLog } from './diagnostics/recordingLog.ts';
import { translateWith } from './localize.ts';
import { Warmfork } from './warmfork.ts';

/** `deactivate` gets at most 5 s. */
const shutdownMs = 4_000;

/** The log outlives `context.subscriptions`, which are disposed while `deactivate` still runs. */
let active: { readonly warmfork: Warmfork; readonly log: vscode.LogOutputChannel } | undefined;

/** VS Code does not show what goes wrong here, so it is shown here. */
export function activate(context: vscode.ExtensionContext): WarmforkApi {
  const startMs = performance.now();
  translateWith((message, ...args) => vscode.l10n.t(message, ...args));
  const ring = new LogRing();
  const log = recordingLog(vscode.window.createOutputChannel('Warmfork', { log: true }), ring);
  try {
    const warmfork = new Warmfork(context, log, ring);
    context.subscriptions.push(warmfork);
    active = { warmfork, log };
    log.info(`activated in ${(performance.now() - startMs).toFixed(1)} ms`);
    return warmfork.api;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    log.error(message);
    log.show();
    void vscode.window.showErrorMessage(`Warmfork could not start: ${message}`);
    throw error;
  }
}

export async function deactivate(): Promise<void> {
  await active?.warmfork.shutdown(shutdownMs);
  active?.log.dispose();
  active = undefined;
}
