/** What the editor knows, as attachments. Each gives undefined when there is nothing of its kind, or a person chose nothing. */
import * as vscode from 'vscode';
import type { AttachmentKind } from './shared/attachmentKind.ts';
import type { Attachment } from './shared/chatEntry.ts';
import type { SlashName } from './shared/slashCommands.ts';
import { stagedOrWorkingChanges } from './gitChanges.ts';
import type { TerminalOutput } from './terminalOutput.ts';

/** More of one file than that fills the context without helping. */
const maxChars = 24_000;
const maxFiles = 5_000;

export async function chooseAttachment(
  kind: AttachmentKind,
  terminal: TerminalOutput,
): Promise<Attachment | undefined> {
  switch (kind) {
    case 'file':
      return chooseFile();
    case 'selection':
      return selectionAttachment();
    case 'problems':
      return problemsAttachment();
    case 'symbol':
      return chooseSymbol();
    case 'terminal':
      return terminal.attachment();
  }
}

/** What goes with a slash command when nothing was attached. */
export async function attachmentsFor(slash: SlashName): Promise<Attachment[]> {
  const wanted =
    slash === 'commit'
      ? [await stagedOrWorkingChanges()]
      : [selectionAttachment(), slash === 'fix' ? problemsAttachment() : undefined];
  return wanted.filter((one) => one !== undefined);
}

/** The selection, or the whole file where nothing is selected. */
export function selectionAttachment(): Attachment | undefined {
  const editor = vscode.window.activeTextEditor;
  if (!editor) return undefined;
  const { document, selection } = editor;
  return selection.isEmpty ? wholeFile(document) : partOf(document, selection);
}

export async function fileAttachment(uri: vscode.Uri): Promise<Attachment | undefined> {
  try {
    return wholeFile(await vscode.workspace.openTextDocument(uri));
  } catch {
    return undefined; // a folder, or no text
  }
}

async function chooseFile(): Promise<Attachment | undefined> {
  const uris = await vscode.workspace.findFiles('**/*', undefined, maxFiles);
  const items = uris
    .map((uri) => ({ label: vscode.workspace.asRelativePath(uri), uri }))
    .sort((a, b) => a.label.localeCompare(b.label));
  const chosen = await vscode.window.showQuickPick(items, {
    placeHolder: vscode.l10n.t('File to attach'),
  });
  return chosen && fileAttachment(chosen.uri);
}

function problemsAttachment(): Attachment | undefined {
  const document = vscode.window.activeTextEditor?.document;
  if (!document) return undefined;
  const path = pathOf(document.uri);
  const lines = vscode.languages
    .getDiagnostics(document.uri)
    .filter(({ severity }) => severity <= vscode.DiagnosticSeverity.Warning)
    .map(({ range, message }) => `${path}:${range.start.line + 1}: ${message}`);
  if (lines.length === 0) return undefined;
  return { name: `Problems in ${path}`, path, text: lines.join('\n') };
}

async function chooseSymbol(): Promise<Attachment | undefined> {
  const document = vscode.window.activeTextEditor?.document;
  if (!document) return undefined;
  const symbols = await vscode.commands.executeCommand<vscode.DocumentSymbol[] | undefined>(
    'vscode.executeDocumentSymbolProvider',
    document.uri,
  );
  const items = flattened(symbols ?? []).map(({ name, detail, range }) => ({
    ...{ label: name, description: detail, range },
  }));
  const chosen = await vscode.window.showQuickPick(items, {
    placeHolder: vscode.l10n.t('Symbol to attach'),
  });
  return chosen && partOf(document, chosen.range);
}

function flattened(symbols: readonly vscode.DocumentSymbol[]): vscode.DocumentSymbol[] {
  return symbols.flatMap((symbol) => [symbol, ...flattened(symbol.children)]);
}

function wholeFile(document: vscode.TextDocument): Attachment {
  return attachmentOf(document, pathOf(document.uri), document.getText());
}

function partOf(document: vscode.TextDocument, range: vscode.Range): Attachment {
  const first = range.start.line + 1;
  const last = range.end.line + (range.end.character === 0 && range.end.line > first ? 0 : 1);
  const lines = first === last ? `${first}` : `${first}-${last}`;
  const whole = new vscode.Range(range.start.line, 0, range.end.line, range.end.character);
  return attachmentOf(document, `${pathOf(document.uri)}:${lines}`, document.getText(whole));
}

function attachmentOf(
  { uri, languageId }: vscode.TextDocument,
  name: string,
  all: string,
): Attachment {
  const text = all.length <= maxChars ? all : `${all.slice(0, maxChars)}\n… (cut)`;
  return { name, path: pathOf(uri), languageId, text: text.replaceAll('\r\n', '\n') };
}

function pathOf(uri: vscode.Uri): string {
  if (vscode.workspace.getWorkspaceFolder(uri)) return vscode.workspace.asRelativePath(uri, false);
  return uri.path.slice(uri.path.lastIndexOf('/') + 1);
}
