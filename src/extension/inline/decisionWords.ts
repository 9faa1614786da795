import { assertNever } from '../../base/assertNever.ts';
import type { DropReason } from '../../protocol/requests.ts';
import type { EngineStatus } from '../../protocol/status.ts';
import { localize } from '../localize.ts';
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
    const words = localize(
      'VS Code shows no inline suggestions: editor.inlineSuggest.enabled is off.',
    );
    return { words, remedy: 'editorSettings' };
  }
  if (decision === undefined) {
    return {
      words: localize('The editor has not asked yet: place the cursor in a file and type.'),
    };
  }
  const { words, remedy } = explainDecision(decision);
  const engine = waitsForEngine(decision) ? engineWords(status) : '';
  return { words: `${words} ${engine}`.trimEnd(), ...(remedy && { remedy }) };
}

function explainDecision(decision: Decision): Explanation {
  switch (decision.kind) {
    case 'notCode':
      return {
        words: localize('Nobody writes code in this kind of editor ({0}).', decision.scheme),
      };
    case 'off':
      return { words: offWords(decision.place), remedy: 'settings' };
    case 'languageOff':
      return {
        words: localize(
          'Suggestions are switched off for {0} (warmfork.inline.languages).',
          decision.languageId,
        ),
        remedy: 'settings',
      };
    case 'snoozed':
      return { words: snoozeWords(decision), remedy: 'endSnooze' };
    case 'manual':
      return {
        words: localize(
          'Suggestions come only when you ask (warmfork.inline.trigger is "manual"): run Trigger Inline Suggestion.',
        ),
        remedy: 'settings',
      };
    case 'paused':
      return { words: pauseWords(decision.by), remedy: 'settings' };
    case 'pending':
      return { words: localize('The engine was asked and has not answered yet.') };
    case 'superseded':
      return { words: localize('You typed on before there was an answer.') };
    case 'cancelled':
      return {
        words: localize(
          'The editor gave the question up: Escape, another key, or another place before there was an answer.',
        ),
      };
    case 'failed':
      return {
        words: localize('The engine could not answer: {0}', decision.message),
        remedy: 'log',
      };
    case 'empty':
      return { words: emptyWords(decision.dropped) };
    case 'offered':
      return { words: offeredWords(decision) };
    default:
      return assertNever(decision);
  }
}

function offWords(place: SwitchPlace): string {
  const words: Record<SwitchPlace, string> = {
    settings: localize('Suggestions are switched off (warmfork.inline.enabled).'),
    folder: localize('Suggestions are switched off in this folder (warmfork.inline.enabled).'),
    language: localize('Suggestions are switched off for this language (warmfork.inline.enabled).'),
  };
  return words[place];
}

function pauseWords(by: PauseReason): string {
  const words: Record<PauseReason, string> = {
    battery: localize(
      'Suggestions are paused while this machine runs on battery (warmfork.inline.pauseOn).',
    ),
    load: localize('Suggestions are paused while this machine is busy (warmfork.inline.pauseOn).'),
  };
  return words[by];
}

function snoozeWords({ until }: { readonly until: string | undefined }): string {
  return until === undefined
    ? localize('Suggestions are snoozed until VS Code starts again.')
    : localize('Suggestions are snoozed until {0}.', until);
}

function emptyWords(dropped: DropReason | undefined): string {
  return dropped === undefined
    ? localize('The model had nothing to add here.')
    : localize('There was nothing to offer: {0}.', droppedWords(dropped));
}

function droppedWords(dropped: DropReason): string {
  const words: Record<DropReason, string> = {
    secretFile: localize('this file looks as if it holds secrets, so the model is not told of it'),
    contextFull: localize('the text around the cursor does not fit into the context of the model'),
    serverAway: localize('the server is away, and the local model is not to answer instead'),
    specialTokens: localize('the model only produced control tokens'),
    whitespaceOnly: localize('the model only produced white space'),
    repetition: localize('the model repeated itself'),
    repeatsNextLines: localize('the model repeated the lines that follow'),
    suffixOverlap: localize('the model repeated the text after the cursor'),
    brackets: localize('what the model produced would not have balanced brackets'),
    indentation: localize('what the model produced belongs to another block'),
    secrets: localize('what the model produced looks like a secret'),
  };
  return words[dropped];
}

function offeredWords({
  source,
  count,
}: {
  readonly source: AnswerSource;
  readonly count: number;
}): string {
  const how = sourceWords(source);
  const what =
    count === 1
      ? localize('A suggestion was offered {0}.', how)
      : localize('{0} suggestions were offered {1}.', count, how);
  const rest = localize('VS Code hides it when it does not fit what stands there.');
  return `${what} ${rest}`;
}

function sourceWords(source: AnswerSource): string {
  const words: Record<AnswerSource, string> = {
    engine: localize('by the model'),
    inFlight: localize('by the model, which went on while you typed'),
    cache: localize('from an earlier answer'),
    typedAsSuggested: localize('from the suggestion you are typing'),
  };
  return words[source];
}

function waitsForEngine({ kind }: Decision): boolean {
  return kind === 'pending' || kind === 'cancelled' || kind === 'superseded' || kind === 'failed';
}

function engineWords({ state, message }: EngineStatus): string {
  const words: Record<EngineStatus['state'], string> = {
    starting: localize('The engine is starting.'),
    loadingModel: localize('The engine is loading the model.'),
    warming: localize(
      'The engine is reading the project for the first time, which makes answers slow.',
    ),
    ready: '',
    failed:
      message === undefined
        ? localize('The engine does not run.')
        : localize('The engine does not run: {0}.', message),
  };
  return words[state];
}
