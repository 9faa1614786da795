import type { CompletionParams, CompletionTrigger } from '../../protocol/requests.ts';
import { nothing, offer, type Outcome, type Question } from './question.ts';
import type { Answer, Run } from './run.ts';
import { restsOf } from './typed.ts';

/** After so long a suggestion ends at the next line end, in ms. */
const budgetMs = { automatic: 1_500, invoke: 5_000 };

/** What the engine is asked. */
export function requestOf(
  question: Question,
  trigger: CompletionTrigger = question.trigger,
): CompletionParams {
  const { uri, path, languageId, window, candidates, context } = question;
  return {
    ...{ uri, path, languageId, ...window, trigger, budgetMs: budgetMs[question.trigger] },
    ...(candidates !== undefined && trigger !== 'prefetch' && { candidates }),
    ...(context && { context }),
  };
}

/** What the answer to its own request means for a question. */
export function ownOutcome(answer: Answer, { attempts }: Run): Outcome {
  if (answer.kind === 'cancelled') return nothing('cancelled', attempts);
  if (answer.kind === 'failed') return { ...nothing('failed', attempts), error: answer.message };
  const { candidates, stats, dropped } = answer.result;
  return { ...offer('engine', candidates, attempts), stats, ...(dropped && { dropped }) };
}

/** What the answer to a request that an earlier question had sent means for this one; undefined: nothing. */
export function joinedOutcome(answer: Answer, run: Run, question: Question): Outcome | undefined {
  if (answer.kind !== 'answered') return undefined;
  const typed = run.typedUntil(question.window);
  const rests = typed ? restsOf(answer.result.candidates, typed) : [];
  return rests.length > 0
    ? { ...offer('inFlight', rests, 0), stats: answer.result.stats }
    : undefined;
}
