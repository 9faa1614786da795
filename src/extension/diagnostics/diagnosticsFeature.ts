import { homedir } from 'node:os';
import { dirname } from 'node:path';
import * as vscode from 'vscode';
import type { EngineSupervisor } from '../../client/engineSupervisor.ts';
import type { EngineDiagnostics } from '../../protocol/diagnostics.ts';
import { changedSettings } from '../configuration.ts';
import { sessionStorage } from '../engineParams.ts';
import type { DiagnosticsCommandName } from './diagnosticsCommandNames.ts';
import { type DiagnosticsFacts, diagnosticsText } from './diagnosticsText.ts';
import type { LogRing } from './logRing.ts';
import type { KnownPlace } from './redact.ts';
import { reportText } from './reportText.ts';

export interface DiagnosticsOptions {
  readonly context: vscode.ExtensionContext;
  readonly engine: EngineSupervisor;
  readonly ring: LogRing;
}

/** Facts for those who mend: copied, or put into a report. They are sent nowhere by us. */
export class DiagnosticsFeature {
  readonly #options: DiagnosticsOptions;

  constructor(options: DiagnosticsOptions) {
    this.#options = options;
  }

  get commands(): Readonly<Record<DiagnosticsCommandName, () => Promise<unknown>>> {
    return {
      copyDiagnostics: () => this.#copy(),
      reportProblem: () => this.#report(),
    };
  }

  async text(): Promise<string> {
    return diagnosticsText(await this.#facts());
  }

  async #copy(): Promise<void> {
    await vscode.env.clipboard.writeText(await this.text());
    const words = vscode.l10n.t(
      'The diagnostics were copied. They hold no text and no names from your workspace.',
    );
    void vscode.window.showInformationMessage(`Warmfork: ${words}`);
  }

  /** VS Code's own form, where there is one that knows where reports go; else a document to send by whatever way. */
  async #report(): Promise<void> {
    const { extension } = this.#options.context;
    const data = await this.text();
    const { bugs, repository } = extension.packageJSON as Readonly<Record<string, unknown>>;
    const commands = await vscode.commands.getCommands(true);
    const hasForm = commands.includes('vscode.openIssueReporter');
    if (hasForm && (bugs !== undefined || repository !== undefined)) {
      const issueBody = reportText();
      const options = { extensionId: extension.id, issueBody, data };
      await vscode.commands.executeCommand('vscode.openIssueReporter', options);
      return;
    }
    const content = `${reportText()}\n${data}`;
    const document = await vscode.workspace.openTextDocument({ language: 'markdown', content });
    await vscode.window.showTextDocument(document);
  }

  async #facts(): Promise<DiagnosticsFacts> {
    const { context, engine, ring } = this.#options;
    const { version } = context.extension.packageJSON as { readonly version: string };
    const { facts, missing } = await this.#engineFacts();
    const isUp = facts !== undefined;
    return {
      extensionVersion: version,
      vscodeVersion: vscode.version,
      host: hostWords(),
      status: engine.status,
      ...{ engine: facts, engineMissing: missing },
      counters: isUp ? await engine.counters().catch(() => undefined) : undefined,
      sessions: isUp ? await engine.listSessions().catch(() => undefined) : undefined,
      settings: changedSettings(),
      isTrusted: vscode.workspace.isTrusted,
      folders: vscode.workspace.workspaceFolders?.length ?? 0,
      problems: ring.problems,
      places: knownPlaces(context),
    };
  }

  async #engineFacts(): Promise<{
    readonly facts?: EngineDiagnostics;
    readonly missing?: string;
  }> {
    try {
      return { facts: await this.#options.engine.diagnostics() };
    } catch (error) {
      return { missing: error instanceof Error ? error.message : String(error) };
    }
  }
}

function hostWords(): string {
  const kind = vscode.env.uiKind === vscode.UIKind.Web ? 'web' : 'desktop';
  const remote = vscode.env.remoteName === undefined ? '' : ', remote';
  return `${vscode.env.appName}, ${kind}${remote}, ${process.platform} ${process.arch}, ${vscode.env.language}`;
}

/** Of all folders only those whose content is ours. A home folder that is a workspace is none of them. */
function knownPlaces(context: vscode.ExtensionContext): readonly KnownPlace[] {
  const sessions = sessionStorage(context);
  const isBelowHome = (path: string): boolean => path.startsWith(homedir());
  const places = [
    { path: context.extensionPath, name: '<extension>' },
    { path: sessions, name: '<sessions>' },
    { path: `${dirname(sessions)}/projects`, name: '<projects>' },
  ];
  return places.map(({ path, name }) => ({ path, name: isBelowHome(path) ? `~/…${name}` : name }));
}
