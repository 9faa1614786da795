/** One answer: asks the engine, and says how the answer grows and ends. */
import type { EngineClient } from '../../client/engineClient.ts';
import type { ChatContext, ChatParams, ChatResult } from '../../protocol/chat.ts';
import type { RequestStats } from '../../protocol/requests.ts';
import { localize } from '../localize.ts';
import type { AnswerEntry, AnswerStats } from './shared/chatEntry.ts';
import { failureWords } from './failureWords.ts';

export interface Answered {
  readonly answer: AnswerEntry;
  readonly context?: ChatContext | undefined;
  /** Messages at the beginning that were left out. */
  readonly dropped: number;
}

/** Never rejects: what goes wrong is the note of the answer. */
export async function answering(
  engine: Pick<EngineClient, 'chat'>,
  params: ChatParams,
  due: AnswerEntry,
  onText: (answer: AnswerEntry, added: string) => void,
  signal: AbortSignal,
): Promise<Answered> {
  let answer = due;
  try {
    const onDelta = ({ text }: { readonly text: string }): void => {
      answer = { ...answer, text: answer.text + text };
      onText(answer, text);
    };
    const result = await engine.chat(params, onDelta, signal);
    return {
      answer: finished(answer, result),
      context: result.context,
      dropped: result.dropped ?? 0,
    };
  } catch (error) {
    const ended: AnswerEntry = signal.aborted
      ? { ...answer, state: 'stopped', note: localize('Stopped.') }
      : { ...answer, state: 'failed', note: failureWords(error) };
    return { answer: ended, dropped: 0 };
  }
}

function finished(answer: AnswerEntry, result: ChatResult): AnswerEntry {
  const { text, stats, stopReason, thinking, dropped = 0 } = result;
  const done = { ...answer, text, stats: answerStats(stats), ...(thinking && { thinking }) };
  const notes = dropped > 0 ? [droppedNote()] : [];
  if (stopReason === 'cancelled') return { ...done, state: 'stopped', note: localize('Stopped.') };
  if (stopReason === 'length') notes.push(localize('The answer reached its largest length.'));
  return notes.length === 0
    ? { ...done, state: 'done' }
    : { ...done, state: 'done', note: notes.join(' ') };
}

export function droppedNote(): string {
  return localize(
    'The conversation has outgrown the context: its oldest turns are no longer part of it.',
  );
}

export function answerStats(stats: RequestStats): AnswerStats {
  const { evaluated, reused, firstTokenMs, totalMs, generated } = stats;
  const seconds = (totalMs - firstTokenMs) / 1000;
  const tokensPerSecond = generated > 1 && seconds > 0 ? (generated - 1) / seconds : 0;
  return { evaluated, reused, generated, firstTokenMs, tokensPerSecond };
}
