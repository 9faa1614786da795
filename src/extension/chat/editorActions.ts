import * as vscode from 'vscode';
import { applyTarget } from '../edit/applyTarget.ts';
import type { EditReviews } from '../edit/editReviews.ts';

/** Puts text where the cursors are. */
export async function insertAtCursor(text: string): Promise<void> {
  const editor = requireEditor(vscode.l10n.t('There is no open file to insert into.'));
  await editor.edit((edit) => {
    for (const selection of editor.selections) edit.replace(selection, text);
  });
  await vscode.window.showTextDocument(editor.document, editor.viewColumn);
}

/** Shows what a block of code would change in the active file, for review. */
export async function applyToFile(reviews: EditReviews, text: string): Promise<void> {
  const { document, selection } = requireEditor(
    vscode.l10n.t('There is no open file to apply this to.'),
  );
  const code = text.replaceAll('\r\n', '\n').replace(/\n$/, '').split('\n');
  const lines = document.getText().split(/\r?\n/);
  const span = selection.isEmpty
    ? applyTarget(lines, code, selection.active.line)
    : { start: selection.start.line, end: selection.end.line + 1 };
  const review = await reviews.begin(document, span);
  await review.update(code, true);
  const editor = await vscode.window.showTextDocument(document);
  editor.revealRange(new vscode.Range(span.start, 0, span.start, 0));
}

/** Names that people write behind a fence, where they are not the id of the language. */
const languageIds: Readonly<Record<string, string>> = {
  ts: 'typescript',
  tsx: 'typescriptreact',
  js: 'javascript',
  jsx: 'javascriptreact',
  py: 'python',
  rs: 'rust',
  rb: 'ruby',
  sh: 'shellscript',
  bash: 'shellscript',
  'c++': 'cpp',
  cs: 'csharp',
  md: 'markdown',
  yml: 'yaml',
};

export async function openNewFile(content: string, name: string): Promise<void> {
  const wanted = languageIds[name.toLowerCase()] ?? name.toLowerCase();
  const known = await vscode.languages.getLanguages();
  const language = known.includes(wanted) ? wanted : 'plaintext';
  const document = await vscode.workspace.openTextDocument({ content, language });
  await vscode.window.showTextDocument(document);
}

export async function openMarkdown(content: string): Promise<void> {
  await openNewFile(content, 'markdown');
}

export async function confirmDelete(title: string): Promise<boolean> {
  const yes = vscode.l10n.t('Delete');
  const detail = vscode.l10n.t('Its sessions are removed, too. This cannot be undone.');
  const question = vscode.l10n.t('Delete the chat “{0}”?', title);
  return (await vscode.window.showWarningMessage(question, { modal: true, detail }, yes)) === yes;
}

function requireEditor(otherwise: string): vscode.TextEditor {
  const editor = vscode.window.activeTextEditor ?? vscode.window.visibleTextEditors[0];
  if (!editor) throw new Error(otherwise);
  return editor;
}
