import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../../base/disposable.ts';
import {
  decided,
  hasChanges,
  merged,
  segmentsOf,
  type MergedLine,
  type Segment,
} from './segments.ts';

/**
 * One change of a document under review: lines to be removed and added stand in the document, coloured, until each is
 * accepted or rejected. Ends by itself when a person edits between them or undoes it.
 */
export class EditReview implements Disposable {
  readonly document: vscode.TextDocument;
  readonly #before: readonly string[];
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new vscode.EventEmitter<void>());
  readonly #ended = this.#store.add(new vscode.EventEmitter<void>());
  readonly onDidChange = this.#changed.event;
  readonly onDidEnd = this.#ended.event;
  #segments: readonly Segment[];
  #startLine: number;
  /** Lines of the document that are ours now. */
  #length: number;
  #isWhole = false;
  #isApplying = false;
  #last: Promise<unknown> = Promise.resolve();

  /** @param span lines that may change; `end` is exclusive. */
  constructor(
    document: vscode.TextDocument,
    span: { readonly start: number; readonly end: number },
  ) {
    this.document = document;
    this.#startLine = span.start;
    this.#length = span.end - span.start;
    this.#before = this.#linesNow();
    this.#segments = [{ kind: 'same', lines: this.#before }];
    this.#store.add(
      vscode.workspace.onDidChangeTextDocument((event) => {
        if (event.document === document && !this.#isApplying) this.#edited(event.contentChanges);
      }),
    );
    this.#store.add(
      vscode.workspace.onDidCloseTextDocument((closed) => {
        if (closed === document) this.#end();
      }),
    );
  }

  get before(): readonly string[] {
    return this.#before;
  }

  get lines(): readonly MergedLine[] {
    return merged(this.#segments);
  }

  get startLine(): number {
    return this.#startLine;
  }

  /** Nothing more is written by the model. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** Shows what the replacement is so far; resolves when the document does. */
  async update(after: readonly string[], isWhole: boolean): Promise<void> {
    this.#isWhole = isWhole;
    await this.#show(segmentsOf(this.#before, after, isWhole));
  }

  /** Decides one change, or all. Rejecting while the model still writes puts everything back. */
  async decide(decision: 'accept' | 'reject', segment?: number): Promise<void> {
    const all = this.#segments.map((_, index) => index);
    const wanted = segment === undefined ? all : [segment];
    this.#isWhole = true;
    await this.#show(
      wanted.reduce<readonly Segment[]>(
        (now, index) => decided(now, index, decision),
        this.#segments,
      ),
    );
  }

  dispose(): void {
    this.#store.dispose();
  }

  /** One after the other: each replaces exactly the lines that the one before has left. */
  #show(segments: readonly Segment[]): Promise<void> {
    const shown = this.#last.then(() => this.#apply(segments));
    this.#last = shown.catch(() => undefined);
    return shown;
  }

  async #apply(segments: readonly Segment[]): Promise<void> {
    if (this.#store.isDisposed) return;
    const lines = merged(segments).map(({ text }) => text);
    if (lines.join('\n') !== this.#linesNow().join('\n')) await this.#replace(lines);
    this.#segments = segments;
    this.#length = lines.length;
    this.#changed.fire();
    if (this.#isWhole && !hasChanges(segments)) this.#end();
  }

  async #replace(lines: readonly string[]): Promise<void> {
    const { range, text } = this.#replacement(lines);
    const editor = vscode.window.visibleTextEditors.find((one) => one.document === this.document);
    this.#isApplying = true;
    try {
      // The whole change is one step back for Undo.
      const steps = { undoStopBefore: false, undoStopAfter: false };
      if (await editor?.edit((edit) => edit.replace(range, text), steps)) return;
      const edit = new vscode.WorkspaceEdit();
      edit.replace(this.document.uri, range, text);
      await vscode.workspace.applyEdit(edit);
    } finally {
      this.#isApplying = false;
    }
  }

  /** Whole lines, with the line end before or behind them: an empty list of lines leaves no empty line. */
  #replacement(lines: readonly string[]): { readonly range: vscode.Range; readonly text: string } {
    const end = this.#startLine + this.#length;
    const text = lines.map((line) => `${line}\n`).join('');
    if (end < this.document.lineCount)
      return { range: new vscode.Range(this.#startLine, 0, end, 0), text };
    const lastLine = this.document.lineAt(this.document.lineCount - 1).range.end;
    if (this.#startLine === 0)
      return {
        range: new vscode.Range(0, 0, lastLine.line, lastLine.character),
        text: text.slice(0, -1),
      };
    const before = this.document.lineAt(this.#startLine - 1).range.end;
    return {
      range: new vscode.Range(before, lastLine),
      text: lines.map((line) => `\n${line}`).join(''),
    };
  }

  #linesNow(): string[] {
    return Array.from({ length: this.#length }, (_, index) => {
      const line = this.#startLine + index;
      return line < this.document.lineCount ? this.document.lineAt(line).text : '';
    });
  }

  #edited(changes: readonly vscode.TextDocumentContentChangeEvent[]): void {
    for (const { range, text } of changes) {
      if (range.start.line >= this.#startLine + this.#length) continue;
      if (range.end.line >= this.#startLine) return this.#end();
      this.#startLine += text.split('\n').length - 1 - (range.end.line - range.start.line);
    }
    this.#changed.fire();
  }

  #end(): void {
    if (this.#store.isDisposed) return;
    this.#segments = [];
    this.#length = 0;
    this.#ended.fire();
  }
}
