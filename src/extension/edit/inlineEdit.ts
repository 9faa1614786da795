import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import type { EngineClient } from '../../client/engineClient.ts';
import type { ChatAttachment, ChatMessage } from '../../protocol/chat.ts';
import { splitThinking } from '../chat/shared/thinking.ts';
import { readSettings } from '../configuration.ts';
import { withTokenSignal } from '../tokenSignal.ts';
import { codeOfAnswer, reindented } from './codeOfAnswer.ts';
import type { EditReview } from './editReview.ts';
import type { EditReviews } from './editReviews.ts';

type Engine = Pick<EngineClient, 'chat' | 'discardChat'>;

/** Lines around the selection that the model sees as well. */
const linesAround = 30;

/** Asks what to change, and streams the change into the editor for review. False: nothing was asked. */
export async function editSelection(
  engine: Engine,
  reviews: EditReviews,
  given?: string,
): Promise<boolean> {
  const editor = vscode.window.activeTextEditor;
  if (!editor) throw new Error(vscode.l10n.t('Open a file and select what to edit.'));
  const span = spanOf(editor.selection);
  const instruction = given ?? (await askInstruction());
  if (instruction === undefined || instruction.trim() === '') return false;
  const review = await reviews.begin(editor.document, span);
  const title = vscode.l10n.t('Warmfork is editing');
  const options = { location: vscode.ProgressLocation.Window, title, cancellable: true };
  await vscode.window.withProgress(options, (_, token) =>
    withTokenSignal(token, (signal) => stream(engine, review, instruction, signal)),
  );
  return true;
}

async function stream(
  engine: Engine,
  review: EditReview,
  instruction: string,
  cancelled: AbortSignal,
): Promise<void> {
  const ended = new AbortController();
  const listener = review.onDidEnd(() => ended.abort());
  const chatId = `edit-${randomUUID()}`;
  let answer = '';
  let shown = 0;
  const onDelta = ({ text }: { readonly text: string }): void => {
    answer += text;
    const { lines, isWhole } = codeOfAnswer(splitThinking(answer).text, false);
    if (lines.length === shown || ended.signal.aborted) return;
    shown = lines.length;
    void review.update(reindented(lines, review.before), false);
    if (isWhole) ended.abort(); // what comes behind the code is of no interest
  };
  try {
    const messages = [questionOf(review, instruction)];
    const signal = AbortSignal.any([cancelled, ended.signal]);
    const result = await engine.chat(
      { chatId, messages, isPrivate: true, maxTokens: readSettings().chat.maxAnswerTokens },
      onDelta,
      signal,
    );
    const { lines } = codeOfAnswer(splitThinking(result.text || answer).text, true);
    await review.update(
      lines.length === 0 ? review.before : reindented(lines, review.before),
      true,
    );
  } catch (error) {
    await review.decide('reject');
    if (!cancelled.aborted) throw error;
  } finally {
    listener.dispose();
    await engine.discardChat(chatId).catch(() => undefined); // forgotten with the engine
  }
}

/** Whole lines: a selection that ends before the first character of a line does not mean that line. */
function spanOf({ start, end, isEmpty }: vscode.Selection): { start: number; end: number } {
  const last = end.character === 0 && !isEmpty && end.line > start.line ? end.line : end.line + 1;
  return { start: start.line, end: last };
}

function askInstruction(): Thenable<string | undefined> {
  return vscode.window.showInputBox({
    title: vscode.l10n.t('Edit Selection'),
    prompt: vscode.l10n.t('What should change in the selected lines?'),
    placeHolder: vscode.l10n.t('For example: handle an empty list'),
  });
}

/** The text goes as attachments, from which the engine leaves out secrets. */
function questionOf({ document, before, startLine }: EditReview, instruction: string): ChatMessage {
  const path = vscode.workspace.asRelativePath(document.uri, false);
  const { languageId } = document;
  const first = Math.max(0, startLine - linesAround);
  const end = startLine + before.length;
  const part = (name: string, text: string): ChatAttachment => ({ name, path, languageId, text });
  return {
    role: 'user',
    attachments: [
      part(`${path}, what stands before`, linesOf(document, first, startLine)),
      part(`${path}, what stands behind`, linesOf(document, end, end + linesAround)),
      part(`${path}, the part to edit`, before.join('\n')),
    ],
    content: `${instruction}\n\nEdit only the part to edit. Answer with nothing but that part, whole, in one fenced block.`,
  };
}

function linesOf(document: vscode.TextDocument, from: number, to: number): string {
  return document.getText(new vscode.Range(from, 0, Math.min(to, document.lineCount), 0));
}
