import * as vscode from 'vscode';
import type { CompletionContext } from '../../protocol/requests.ts';
import { withTokenSignal } from '../tokenSignal.ts';
import { traceAnswer } from './answerTrace.ts';
import type { Completer } from './completer.ts';
import { decisionOf, refusal, restraint, type QuestionFacts } from './decision.ts';
import type { DecisionEntry, DecisionLog } from './decisionLog.ts';
import { documentText } from './documentText.ts';
import type { CompletionTrace, Question } from './question.ts';
import { replacedRest } from './replacedRest.ts';

export interface InlineProviderOptions {
  readonly completer: Completer;
  readonly decisions: DecisionLog;
  readonly factsOf: (document: vscode.TextDocument, trigger: Question['trigger']) => QuestionFacts;
  /** What is known besides the document's text; answers at once. */
  readonly contextAt: (document: vscode.TextDocument) => CompletionContext | undefined;
  /** True once for a question that Warmfork made the editor ask: nobody invoked it. */
  readonly isOwnQuestion: () => boolean;
  /** Called for every question that the completer answered. */
  readonly onTrace: (trace: CompletionTrace) => void;
}

/** How many different suggestions there are for who asks by command. */
const candidatesOnRequest = 3;

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
    const { decisions, factsOf, isOwnQuestion } = this.#options;
    const entry = decisions.begin();
    const isInvoked =
      context.triggerKind === vscode.InlineCompletionTriggerKind.Invoke && !isOwnQuestion();
    const facts = factsOf(document, isInvoked ? 'invoke' : 'automatic');
    const refused = refusal(facts);
    if (refused) {
      entry.decide(refused);
      return undefined;
    }
    const place = placeOf(position, context);
    const question = this.#questionOf(document, place, facts.trigger);
    const trace = await this.#answer(question, facts, entry, token);
    if (trace?.outcome !== 'offered' || token.isCancellationRequested) return undefined;
    const { suffix } = question.window;
    return trace.candidates.map((text) => itemOf(place, text, suffix));
  }

  async #answer(
    question: Question,
    facts: QuestionFacts,
    entry: DecisionEntry,
    token: vscode.CancellationToken,
  ): Promise<CompletionTrace | undefined> {
    const { completer, onTrace } = this.#options;
    const restrained = restraint(facts);
    entry.decide(restrained ?? { kind: 'pending' });
    const trace = restrained
      ? completer.recall(question)
      : await withTokenSignal(token, (signal) => completer.complete(question, signal));
    if (trace === undefined) return undefined;
    entry.decide(decisionOf(trace));
    onTrace(trace);
    traceAnswer(question, trace);
    return trace;
  }

  #questionOf(
    document: vscode.TextDocument,
    { range, text, isSelected }: Place,
    trigger: Question['trigger'],
  ): Question {
    const { uri, path, windowAt } = documentText(document);
    const window = windowAt(range);
    return {
      uri,
      path,
      languageId: document.languageId,
      window: { ...window, prefix: window.prefix + text },
      trigger,
      ...(trigger === 'invoke' && !isSelected && { candidates: candidatesOnRequest }),
      context: this.#options.contextAt(document),
    };
  }
}

/** The range to replace, and the text already known to stand there. */
interface Place {
  readonly range: vscode.Range;
  readonly text: string;
  /** An item of the suggest widget is selected. */
  readonly isSelected: boolean;
}

/** With an item selected in the suggest widget, only text that goes on from that item may be offered. */
function placeOf(position: vscode.Position, context: vscode.InlineCompletionContext): Place {
  const selected = context.selectedCompletionInfo;
  if (!selected)
    return { range: new vscode.Range(position, position), text: '', isSelected: false };
  return { range: selected.range, text: selected.text, isSelected: true };
}

/** Beside the suggest widget the range has to be the widget's; else it covers what the suggestion brings along. */
function itemOf({ range, text, isSelected }: Place, offered: string, suffix: string) {
  const covered = isSelected ? 0 : replacedRest(offered, suffix).length;
  const end = range.end.translate(0, covered);
  return new vscode.InlineCompletionItem(text + offered, new vscode.Range(range.start, end));
}
