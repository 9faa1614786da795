import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../../base/disposable.ts';
import { systemClock } from '../../client/clock.ts';
import type { EngineSupervisor } from '../../client/engineSupervisor.ts';
import { readInlineSettings, switchedOffIn } from '../configuration.ts';
import type { InlineState } from '../status/statusText.ts';
import { Completer } from './completer.ts';
import { ContextWatch } from './context/contextWatch.ts';
import { cursorAfter } from './cursorAfter.ts';
import { refusal, restraint, type QuestionFacts } from './decision.ts';
import { DecisionLog } from './decisionLog.ts';
import { explain, type Explanation } from './decisionWords.ts';
import { documentText, isCodeDocument } from './documentText.ts';
import { InlineProvider } from './inlineProvider.ts';
import { LateSuggestion, type Place } from './lateSuggestion.ts';
import { PauseWatch } from './pauseWatch.ts';
import type { CompletionTrace, Question } from './question.ts';
import { Snooze } from './snooze.ts';

export interface InlineCompletionsOptions {
  readonly engine: EngineSupervisor;
  readonly onTrace: (trace: CompletionTrace) => void;
  /** What `state` says may have changed. */
  readonly onStateChange: () => void;
}

/** Everything about inline completions in a window: listens to the editor, and answers it. */
export class InlineCompletions implements Disposable {
  readonly snooze: Snooze;
  readonly #options: InlineCompletionsOptions;
  readonly #store = new DisposableStore();
  readonly #completer: Completer;
  readonly #context = this.#store.add(new ContextWatch());
  readonly #decisions = new DecisionLog();
  readonly #pauseWatch = new PauseWatch(systemClock);
  readonly #late = new LateSuggestion({ place: cursorPlace, ask: () => this.#ask() });
  /** As it was when the editor asked last. */
  #paused: QuestionFacts['pausedBy'];

  constructor(options: InlineCompletionsOptions) {
    this.#options = options;
    this.snooze = this.#store.add(new Snooze(systemClock, () => options.onStateChange()));
    this.#completer = this.#makeCompleter(options.engine);
    this.#registerProvider();
    // Somebody has typed before Warmfork was there.
    if (vscode.window.activeTextEditor?.document.isDirty === true) this.#late.missed();
    const { workspace } = vscode;
    this.#store.add(workspace.onDidChangeTextDocument((event) => this.#changed(event)));
    this.#store.add(workspace.onDidCloseTextDocument(({ uri }) => this.forget(uri.toString())));
    this.#store.add(workspace.onDidCloseNotebookDocument(({ uri }) => this.forget(uri.toString())));
  }

  /** The engine can answer: what could not be answered before is asked once more. */
  served(): void {
    this.#late.served();
  }

  get state(): InlineState {
    if (!readInlineSettings().enabled) return { kind: 'off' };
    if (this.snooze.state) return { kind: 'snoozed', ...this.snooze.state };
    return this.#paused ? { kind: 'paused', by: this.#paused } : { kind: 'on' };
  }

  /** Why the last suggestion did not come, or why none can come in this editor now. */
  explain(): Explanation {
    const document = vscode.window.activeTextEditor?.document;
    const refused = document && refusal(this.#factsOf(document, 'automatic'));
    const isShown = vscode.workspace
      .getConfiguration('editor.inlineSuggest', document)
      .get('enabled', true);
    return explain({
      decision: refused ?? this.#decisions.last,
      status: this.#options.engine.status,
      editorShowsSuggestions: isShown,
    });
  }

  /** Suggestions for this document are no longer worth repeating. */
  forget(uri: string): void {
    this.#completer.forget(uri);
  }

  dispose(): void {
    this.#store.dispose();
  }

  #makeCompleter(engine: EngineSupervisor): Completer {
    return new Completer({
      engine,
      clock: systemClock,
      debounceMs: () => readInlineSettings().debounceMs ?? undefined,
      prefetch: () => readInlineSettings().prefetch,
      scope: () => {
        const { model, base, server } = engine.status;
        // What another model has suggested is not shown as this one's.
        const { host = '', state = '' } = server?.completion ?? {};
        return { model: `${model?.path ?? ''} ${host} ${state}`, baseId: base?.id ?? '' };
      },
    });
  }

  #registerProvider(): void {
    const provider = new InlineProvider({
      completer: this.#completer,
      decisions: this.#decisions,
      factsOf: (document, trigger) => this.#factsOf(document, trigger),
      contextAt: (document) =>
        readInlineSettings(document).context ? this.#context.at(document) : undefined,
      isOwnQuestion: () => this.#late.takeQuestion(),
      onTrace: (trace) => {
        if (trace.outcome === 'failed') this.#late.missed();
        this.#options.onTrace(trace);
      },
    });
    this.#store.add(
      vscode.languages.registerInlineCompletionItemProvider({ pattern: '**' }, provider),
    );
  }

  /** Not where a person has to ask. */
  #ask(): void {
    const document = vscode.window.activeTextEditor?.document;
    const facts = document && this.#factsOf(document, 'automatic');
    if (facts === undefined || refusal(facts) || restraint(facts)) return;
    void vscode.commands.executeCommand('editor.action.inlineSuggest.trigger');
  }

  #factsOf(document: vscode.TextDocument, trigger: Question['trigger']): QuestionFacts {
    const settings = readInlineSettings(document);
    const pausedBy = this.#pauseWatch.pausedBy(settings.pauseOn);
    if (pausedBy !== this.#paused) {
      this.#paused = pausedBy;
      this.#options.onStateChange();
    }
    return {
      scheme: document.uri.scheme,
      isCode: isCodeDocument(document),
      languageId: document.languageId,
      trigger,
      settings,
      switchedOffIn: switchedOffIn(document),
      snooze: this.snooze.state,
      pausedBy,
    };
  }

  /** Told at every key, before the editor asks: a request that the key contradicts ends here. */
  #changed({ document, contentChanges }: vscode.TextDocumentChangeEvent): void {
    const [change] = contentChanges;
    if (!change || document !== vscode.window.activeTextEditor?.document) return;
    const { line, character } = cursorAfter({ start: change.range.start, text: change.text });
    const cursor = new vscode.Range(line, character, line, character);
    const text = documentText(document);
    this.#completer.edited(text.uri, () => text.windowAt(cursor));
  }
}

function cursorPlace(): Place | undefined {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) return undefined;
  const { document, selection } = editor;
  const offset = selection.isEmpty ? document.offsetAt(selection.active) : undefined;
  return { uri: document.uri.toString(), version: document.version, offset };
}
