import type { DropReason } from '../../protocol/requests.ts';
import { isLanguageOn, type InlineSettings, type PauseReason } from '../settings.ts';
import type { AnswerSource, CompletionTrace } from './question.ts';

/** What was decided about one question of the editor, and why. */
export type Decision =
  | { readonly kind: 'notCode'; readonly scheme: string }
  | { readonly kind: 'off'; readonly place: SwitchPlace }
  | { readonly kind: 'languageOff'; readonly languageId: string }
  | { readonly kind: 'snoozed'; readonly until: string | undefined }
  | { readonly kind: 'manual' }
  | { readonly kind: 'paused'; readonly by: PauseReason }
  | { readonly kind: 'pending' }
  | { readonly kind: 'superseded' }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'empty'; readonly dropped: DropReason | undefined }
  | { readonly kind: 'offered'; readonly source: AnswerSource; readonly count: number };

/** Where `warmfork.inline.enabled` was switched off. */
export type SwitchPlace = 'settings' | 'folder' | 'language';

/** What is known before anything is asked. */
export interface QuestionFacts {
  readonly scheme: string;
  /** True for documents of file systems that can be written, notebooks and untitled ones. */
  readonly isCode: boolean;
  readonly languageId: string;
  readonly trigger: 'automatic' | 'invoke';
  readonly settings: InlineSettings;
  readonly switchedOffIn: SwitchPlace;
  /** Set while snoozed; `until` is a time of day, absent: until VS Code starts again. */
  readonly snooze: { readonly until: string | undefined } | undefined;
  readonly pausedBy: PauseReason | undefined;
}

/** Why nothing is offered here at all; undefined when nothing is in the way. Who asks by command is only refused where it is off. */
export function refusal(facts: QuestionFacts): Decision | undefined {
  const { scheme, isCode, languageId, settings, trigger, snooze } = facts;
  if (!isCode) return { kind: 'notCode', scheme };
  if (!settings.enabled) return { kind: 'off', place: facts.switchedOffIn };
  if (!isLanguageOn(settings, languageId)) return { kind: 'languageOff', languageId };
  return trigger === 'automatic' && snooze ? { kind: 'snoozed', ...snooze } : undefined;
}

/** Why the engine is not asked; what was suggested and is being typed, or was asked for at this place, is still offered. */
export function restraint(facts: QuestionFacts): Decision | undefined {
  const { settings, trigger, pausedBy } = facts;
  if (trigger === 'invoke') return undefined;
  if (settings.trigger === 'manual') return { kind: 'manual' };
  return pausedBy && { kind: 'paused', by: pausedBy };
}

export function decisionOf(trace: CompletionTrace): Decision {
  switch (trace.outcome) {
    case 'offered':
      return { kind: 'offered', source: trace.source, count: trace.candidates.length };
    case 'empty':
      return { kind: 'empty', dropped: trace.dropped };
    case 'failed':
      return { kind: 'failed', message: trace.error ?? 'unknown' };
    case 'cancelled':
      return { kind: trace.superseded ? 'superseded' : 'cancelled' };
  }
}
