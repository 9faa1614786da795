import * as vscode from 'vscode';
import { isLanguageOn, type InlineSettings } from '../settings.ts';
import { withTokenSignal } from '../tokenSignal.ts';
import type { Completer } from './completer.ts';
import type { CompletionTrace, Question } from './question.ts';
import { takeWindow, type TextSource } from './textWindow.ts';

/** Documents that nobody writes code in. */
const mutedSchemes = new Set(['output', 'vscode-scm', 'comment', 'debug', 'git', 'search-editor']);

export interface InlineProviderOptions {
  readonly completer: Completer;
  readonly settings: () => InlineSettings;
  /** Called for every question that reached the completer. */
  readonly onTrace: (trace: CompletionTrace) => void;
}

/** Turns the editor's question into text and the answer into ghost text. Never shows a message. */
export class InlineProvider implements vscode.InlineCompletionItemProvider {
  readonly #options: InlineProviderOptions;

  constructor(options: InlineProviderOptions) {
    this.#options = options;
  }

  async provideInlineCompletionItems(
    document: vscode.TextDocument,
    position: vscode.Position,
    context: vscode.InlineCompletionContext,
    token: vscode.CancellationToken,
  ): Promise<vscode.InlineCompletionItem[] | undefined> {
    if (!isOn(document, this.#options.settings())) return undefined;
    const place = placeOf(position, context);
    const question = questionOf(document, place, context.triggerKind);
    const trace = await withTokenSignal(token, (signal) =>
      this.#options.completer.complete(question, signal),
    );
    this.#options.onTrace(trace);
    if (trace.outcome !== 'offered' || token.isCancellationRequested) return undefined;
    return [new vscode.InlineCompletionItem(place.text + trace.text, place.range)];
  }
}

/** The range to replace, and the text already known to stand there. */
interface Place {
  readonly range: vscode.Range;
  readonly text: string;
}

/** With an item selected in the suggest widget, only text that goes on from that item may be offered. */
function placeOf(position: vscode.Position, context: vscode.InlineCompletionContext): Place {
  const selected = context.selectedCompletionInfo;
  if (!selected) return { range: new vscode.Range(position, position), text: '' };
  return { range: selected.range, text: selected.text };
}

function questionOf(
  document: vscode.TextDocument,
  { range, text }: Place,
  kind: vscode.InlineCompletionTriggerKind,
): Question {
  const window = takeWindow(sourceOf(document), range.start, range.end);
  return {
    uri: document.uri.toString(),
    path: pathOf(document.uri),
    languageId: document.languageId,
    window: { ...window, prefix: window.prefix + text },
    trigger: kind === vscode.InlineCompletionTriggerKind.Invoke ? 'invoke' : 'automatic',
  };
}

function sourceOf(document: vscode.TextDocument): TextSource {
  return {
    lineCount: document.lineCount,
    textBetween: (start, end) =>
      document.getText(new vscode.Range(start.line, start.character, end.line, end.character)),
  };
}

function pathOf(uri: vscode.Uri): string {
  if (vscode.workspace.getWorkspaceFolder(uri)) return vscode.workspace.asRelativePath(uri, false);
  return uri.path.slice(uri.path.lastIndexOf('/') + 1);
}

function isOn({ uri, languageId }: vscode.TextDocument, settings: InlineSettings): boolean {
  return settings.enabled && !mutedSchemes.has(uri.scheme) && isLanguageOn(settings, languageId);
}
