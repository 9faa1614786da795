import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../../../base/disposable.ts';
import { systemClock } from '../../../client/clock.ts';
import type { CompletionContext, Snippet } from '../../../protocol/requests.ts';
import { pathOf } from '../documentText.ts';
import { Definitions } from './definitions.ts';
import { diagnosticsNear } from './diagnosticNotes.ts';
import { around } from './extracts.ts';
import { RecentEdits } from './recentEdits.ts';

/** Typing has come to rest, or the cursor has arrived somewhere, in ms. */
const restMs = 800;
/** Within so many lines it is the same place. */
const placeLines = 40;
const otherEditors = 3;

interface Gathered {
  readonly uri: string;
  readonly line: number;
  readonly context: CompletionContext;
}

/**
 * Gathers what a completion should know besides its document: when the cursor comes to another place and when typing rests, never
 * while a person types. In between it stays as it is, so that prompts go on from what is evaluated.
 */
export class ContextWatch implements Disposable {
  readonly #store = new DisposableStore();
  readonly #edits = new RecentEdits();
  readonly #definitions = new Definitions();
  /** Last cursor line of each editor's document, by uri; the active one is the last. */
  readonly #visited = new Map<string, number>();
  #gathered: Gathered | undefined;
  #timer: Disposable | undefined;
  readonly #changed = new Set<vscode.TextDocument>();

  constructor() {
    const { window, workspace } = vscode;
    this.#store.add(window.onDidChangeActiveTextEditor((editor) => this.#visit(editor)));
    this.#store.add(
      window.onDidChangeTextEditorSelection(({ textEditor }) => this.#visit(textEditor)),
    );
    this.#store.add(workspace.onDidChangeTextDocument(({ document }) => this.#edited(document)));
    this.#store.add(workspace.onDidSaveTextDocument(() => this.#definitions.forget()));
    this.#store.add({ dispose: () => this.#timer?.dispose() });
    this.#visit(window.activeTextEditor);
  }

  /** What was gathered for this document; undefined as long as nothing was. Costs nothing. */
  at(document: vscode.TextDocument): CompletionContext | undefined {
    return this.#gathered?.uri === document.uri.toString() ? this.#gathered.context : undefined;
  }

  dispose(): void {
    this.#store.dispose();
  }

  #visit(editor: vscode.TextEditor | undefined): void {
    if (!editor || !isFile(editor.document)) return;
    const { document, selection } = editor;
    const uri = document.uri.toString();
    const { line } = selection.active;
    this.#visited.delete(uri);
    this.#visited.set(uri, line);
    const here = this.#gathered;
    const isSamePlace = here?.uri === uri && Math.abs(here.line - line) <= placeLines;
    if (!isSamePlace) this.#gatherSoon();
  }

  #edited(document: vscode.TextDocument): void {
    if (!isFile(document)) return;
    this.#changed.add(document);
    this.#gatherSoon();
  }

  #gatherSoon(): void {
    this.#timer?.dispose();
    this.#timer = systemClock.schedule(() => void this.#gather(), restMs);
  }

  async #gather(): Promise<void> {
    for (const document of this.#changed) {
      this.#edits.settled(pathOf(document.uri), document.getText());
    }
    this.#changed.clear();
    const editor = vscode.window.activeTextEditor;
    if (!editor || !isFile(editor.document)) return;
    const { document, selection } = editor;
    const { line } = selection.active;
    const path = pathOf(document.uri);
    this.#edits.opened(path, document.getText());
    const definitions = await this.#definitions.near(document, line);
    const context = {
      definitions,
      openEditors: this.#others(document),
      recentEdits: this.#edits.all({ path, line }),
      diagnostics: diagnosticsNear(document.uri, line),
    };
    this.#gathered = { uri: document.uri.toString(), line, context };
  }

  /** What the editors visited last show, the last one first. */
  #others(active: vscode.TextDocument): readonly Snippet[] {
    const open = vscode.workspace.textDocuments;
    return [...this.#visited]
      .reverse()
      .flatMap(([uri, line]) => {
        const document = open.find((one) => one.uri.toString() === uri && one !== active);
        return document
          ? [{ path: pathOf(document.uri), text: around(document.getText(), line) }]
          : [];
      })
      .filter(({ text }) => text !== '')
      .slice(0, otherEditors);
  }
}

function isFile({ uri }: vscode.TextDocument): boolean {
  return uri.scheme === 'file' || uri.scheme === 'untitled';
}
