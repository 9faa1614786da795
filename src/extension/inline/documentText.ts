import * as vscode from 'vscode';
import { notebookText } from './notebookText.ts';
import { takeWindow, type TextSource, type TextWindow } from './textWindow.ts';

/** A document as the engine knows it: a notebook is one document, whatever cell the cursor is in. */
export interface DocumentText {
  readonly uri: string;
  /** Workspace-relative, or the file name. */
  readonly path: string;
  readonly windowAt: (range: vscode.Range) => TextWindow;
}

export function documentText(document: vscode.TextDocument): DocumentText {
  const notebook = document.uri.scheme === cellScheme ? notebookOf(document) : undefined;
  if (notebook) return cellText(notebook, document);
  const source = sourceOf(document);
  return {
    ...identityOf(document.uri),
    windowAt: ({ start, end }) => takeWindow(source, start, end),
  };
}

const cellScheme = 'vscode-notebook-cell';
/** Not of a file system, but code is written there. */
const otherCodeSchemes = new Set(['file', 'untitled', cellScheme, 'vscode-interactive-input']);

/** False for inputs (source control, chat, comments), output, and what can only be read. */
export function isCodeDocument({ uri }: vscode.TextDocument): boolean {
  return (
    otherCodeSchemes.has(uri.scheme) ||
    vscode.workspace.fs.isWritableFileSystem(uri.scheme) === true
  );
}

function notebookOf(document: vscode.TextDocument): vscode.NotebookDocument | undefined {
  return vscode.workspace.notebookDocuments.find(({ uri }) => uri.path === document.uri.path);
}

function cellText(notebook: vscode.NotebookDocument, document: vscode.TextDocument): DocumentText {
  const cells = notebook.getCells();
  const texts = cells.map((cell) => ({
    isCode: cell.kind === vscode.NotebookCellKind.Code,
    languageId: cell.document.languageId,
    text: cell.document.getText(),
  }));
  const index = cells.findIndex((cell) => cell.document === document);
  const { source, firstLine } = notebookText(texts, index);
  const shifted = ({ line, character }: vscode.Position) => ({ line: line + firstLine, character });
  return {
    ...identityOf(notebook.uri),
    windowAt: ({ start, end }) => takeWindow(source, shifted(start), shifted(end)),
  };
}

function identityOf(uri: vscode.Uri): { readonly uri: string; readonly path: string } {
  return { uri: uri.toString(), path: pathOf(uri) };
}

export function pathOf(uri: vscode.Uri): string {
  if (vscode.workspace.getWorkspaceFolder(uri)) return vscode.workspace.asRelativePath(uri, false);
  return uri.path.slice(uri.path.lastIndexOf('/') + 1);
}

function sourceOf(document: vscode.TextDocument): TextSource {
  return {
    lineCount: document.lineCount,
    textBetween: (start, end) =>
      document.getText(new vscode.Range(start.line, start.character, end.line, end.character)),
  };
}
