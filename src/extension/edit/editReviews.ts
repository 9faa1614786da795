import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../../base/disposable.ts';
import { EditReview } from './editReview.ts';
import type { MergedLine } from './segments.ts';

const contextKey = 'warmfork.editActive';

/** The changes under review, at most one for each document: colours, and buttons above each change. */
export class EditReviews implements Disposable, vscode.CodeLensProvider {
  readonly #store = new DisposableStore();
  readonly #reviews = new Map<string, EditReview>();
  readonly #lensesChanged = this.#store.add(new vscode.EventEmitter<void>());
  readonly onDidChangeCodeLenses = this.#lensesChanged.event;
  readonly #marks = {
    added: this.#store.add(markOf('diffEditor.insertedLineBackground')),
    removed: this.#store.add(
      markOf('diffEditor.removedLineBackground', { textDecoration: 'line-through' }),
    ),
  };

  constructor() {
    this.#store.add(vscode.languages.registerCodeLensProvider({ pattern: '**' }, this));
    this.#store.add(vscode.window.onDidChangeVisibleTextEditors(() => this.#show()));
    this.#store.add(vscode.window.onDidChangeActiveTextEditor(() => this.#show()));
  }

  /** Begins a review; one that the document already has is rejected first. */
  async begin(
    document: vscode.TextDocument,
    span: { readonly start: number; readonly end: number },
  ): Promise<EditReview> {
    await this.find(document.uri)?.decide('reject');
    const review = new EditReview(document, span);
    const key = document.uri.toString();
    this.#reviews.set(key, review);
    review.onDidChange(() => this.#show());
    review.onDidEnd(() => {
      this.#reviews.delete(key);
      this.#show();
      review.dispose();
    });
    return review;
  }

  find(uri: vscode.Uri | undefined): EditReview | undefined {
    return uri && this.#reviews.get(uri.toString());
  }

  /** Decides the change with this number in this document; all of the active document without arguments. */
  async decide(decision: 'accept' | 'reject', uri?: unknown, segment?: unknown): Promise<void> {
    const target = uri instanceof vscode.Uri ? uri : vscode.window.activeTextEditor?.document.uri;
    await this.find(target)?.decide(decision, typeof segment === 'number' ? segment : undefined);
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    const review = this.find(document.uri);
    if (!review) return [];
    const { lines, startLine } = review;
    const firsts = lines.flatMap(({ mark, segment }, index) =>
      mark !== 'same' && lines[index - 1]?.segment !== segment
        ? [{ segment, line: startLine + index }]
        : [],
    );
    const lenses = firsts.flatMap(({ segment, line }) =>
      lensesAt(line, [
        ['$(check) Accept', 'warmfork.acceptEdit', [document.uri, segment]],
        ['$(x) Reject', 'warmfork.rejectEdit', [document.uri, segment]],
      ]),
    );
    if (firsts.length < 2 && review.isWhole) return lenses;
    const all = lensesAt(startLine, [
      [
        review.isWhole ? '$(check-all) Accept All' : '$(sync~spin) Writing',
        'warmfork.acceptEdit',
        [document.uri],
      ],
      ['$(discard) Reject All', 'warmfork.rejectEdit', [document.uri]],
    ]);
    return [...all, ...lenses];
  }

  dispose(): void {
    for (const review of this.#reviews.values()) review.dispose();
    this.#store.dispose();
  }

  #show(): void {
    this.#lensesChanged.fire();
    const active = this.find(vscode.window.activeTextEditor?.document.uri);
    void vscode.commands.executeCommand('setContext', contextKey, active !== undefined);
    for (const editor of vscode.window.visibleTextEditors) {
      const review = this.find(editor.document.uri);
      for (const mark of ['added', 'removed'] as const)
        editor.setDecorations(this.#marks[mark], rangesOf(review, mark));
    }
  }
}

function rangesOf(review: EditReview | undefined, mark: MergedLine['mark']): vscode.Range[] {
  if (!review) return [];
  const { lines, startLine } = review;
  return lines.flatMap((line, index) =>
    line.mark === mark ? [new vscode.Range(startLine + index, 0, startLine + index, 0)] : [],
  );
}

function lensesAt(
  line: number,
  buttons: readonly (readonly [title: string, command: string, args: unknown[]])[],
): vscode.CodeLens[] {
  return buttons.map(
    ([title, command, args]) =>
      new vscode.CodeLens(new vscode.Range(line, 0, line, 0), { title, command, arguments: args }),
  );
}

function markOf(
  color: string,
  more: vscode.DecorationRenderOptions = {},
): vscode.TextEditorDecorationType {
  return vscode.window.createTextEditorDecorationType({
    backgroundColor: new vscode.ThemeColor(color),
    isWholeLine: true,
    ...more,
  });
}
