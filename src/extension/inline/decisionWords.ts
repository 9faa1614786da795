import { assertNever } from '../../base/assertNever.ts';
import type { DropReason } from '../../protocol/requests.ts';
import type { EngineStatus } from '../../protocol/status.ts';
import type { PauseReason } from '../settings.ts';
import type { Decision, SwitchPlace } from './decision.ts';
import type { AnswerSource } from './question.ts';

/** What a person can do about it, as a button. */
export type Remedy = 'settings' | 'editorSettings' | 'endSnooze' | 'log';

export interface Explanation {
  readonly words: string;
  readonly remedy?: Remedy;
}

export interface Circumstances {
  readonly decision: Decision | undefined;
  readonly status: EngineStatus;
  /** VS Code's own switch, `editor.inlineSuggest.enabled`. */
  readonly editorShowsSuggestions: boolean;
}

/** Why the last suggestion did not come, or that it did. */
export function explain({ decision, status, editorShowsSuggestions }: Circumstances): Explanation {
  if (!editorShowsSuggestions) {
    const words = 'VS Code shows no inline suggestions: editor.inlineSuggest.enabled is off.';
    return { words, remedy: 'editorSettings' };
  }
  if (decision === undefined) {
    return { words: 'The editor has not asked yet: place the cursor in a file and type.' };
  }
  const { words, remedy } = explainDecision(decision);
  const engine = waitsForEngine(decision) ? engineWords(status) : '';
  return { words: words + engine, ...(remedy && { remedy }) };
}

function explainDecision(decision: Decision): Explanation {
  switch (decision.kind) {
    case 'notCode':
      return { words: `Nobody writes code in this kind of editor (${decision.scheme}).` };
    case 'off':
      return { words: offWords[decision.place], remedy: 'settings' };
    case 'languageOff':
      return {
        words: `Suggestions are switched off for ${decision.languageId} (warmfork.inline.languages).`,
        remedy: 'settings',
      };
    case 'snoozed':
      return { words: `Suggestions are snoozed ${untilWords(decision)}.`, remedy: 'endSnooze' };
    case 'manual':
      return {
        words:
          'Suggestions come only when you ask (warmfork.inline.trigger is "manual"): run Trigger Inline Suggestion.',
        remedy: 'settings',
      };
    case 'paused':
      return { words: pauseWords[decision.by], remedy: 'settings' };
    case 'pending':
      return { words: 'The engine was asked and has not answered yet.' };
    case 'superseded':
      return { words: 'You typed on before there was an answer.' };
    case 'cancelled':
      return {
        words:
          'The editor gave the question up: Escape, another key, or another place before there was an answer.',
      };
    case 'failed':
      return { words: `The engine could not answer: ${decision.message}`, remedy: 'log' };
    case 'empty':
      return { words: emptyWords(decision.dropped) };
    case 'offered':
      return { words: offeredWords(decision) };
    default:
      return assertNever(decision);
  }
}

const offWords: Record<SwitchPlace, string> = {
  settings: 'Suggestions are switched off (warmfork.inline.enabled).',
  folder: 'Suggestions are switched off in this folder (warmfork.inline.enabled).',
  language: 'Suggestions are switched off for this language (warmfork.inline.enabled).',
};

const pauseWords: Record<PauseReason, string> = {
  battery: 'Suggestions are paused while this machine runs on battery (warmfork.inline.pauseOn).',
  load: 'Suggestions are paused while this machine is busy (warmfork.inline.pauseOn).',
};

function untilWords({ until }: { readonly until: string | undefined }): string {
  return until === undefined ? 'until VS Code starts again' : `until ${until}`;
}

function emptyWords(dropped: DropReason | undefined): string {
  return dropped === undefined
    ? 'The model had nothing to add here.'
    : `There was nothing to offer: ${droppedWords[dropped]}.`;
}

const droppedWords: Record<DropReason, string> = {
  secretFile: 'this file looks as if it holds secrets, so the model is not told of it',
  contextFull: 'the text around the cursor does not fit into the context of the model',
  specialTokens: 'the model only produced control tokens',
  whitespaceOnly: 'the model only produced white space',
  repetition: 'the model repeated itself',
  repeatsNextLines: 'the model repeated the lines that follow',
  suffixOverlap: 'the model repeated the text after the cursor',
  brackets: 'what the model produced would not have balanced brackets',
  indentation: 'what the model produced belongs to another block',
  secrets: 'what the model produced looks like a secret',
};

function offeredWords({
  source,
  count,
}: {
  readonly source: AnswerSource;
  readonly count: number;
}): string {
  const what = count === 1 ? 'A suggestion was' : `${count} suggestions were`;
  return `${what} offered ${sourceWords[source]}. VS Code hides it when it does not fit what stands there.`;
}

const sourceWords: Record<AnswerSource, string> = {
  engine: 'by the model',
  inFlight: 'by the model, which went on while you typed',
  cache: 'from an earlier answer',
  typedAsSuggested: 'from the suggestion you are typing',
};

function waitsForEngine({ kind }: Decision): boolean {
  return kind === 'pending' || kind === 'cancelled' || kind === 'superseded' || kind === 'failed';
}

function engineWords({ state, message }: EngineStatus): string {
  const words: Record<EngineStatus['state'], string> = {
    starting: ' The engine is starting.',
    loadingModel: ' The engine is loading the model.',
    warming: ' The engine is reading the project for the first time, which makes answers slow.',
    ready: '',
    failed: ` The engine does not run${message === undefined ? '' : `: ${message}`}.`,
  };
  return words[state];
}
