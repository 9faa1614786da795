import type {
  CompletionContext,
  CompletionTrigger,
  DropReason,
  RequestStats,
} from '../../protocol/requests.ts';
import type { TextWindow } from './textWindow.ts';

/** One question of the editor: what comes at the cursor? */
export interface Question {
  readonly uri: string;
  readonly path: string;
  readonly languageId: string;
  readonly window: TextWindow;
  readonly trigger: Exclude<CompletionTrigger, 'prefetch'>;
  /** How many different suggestions are wanted; 1 when absent. */
  readonly candidates?: number;
  readonly context?: CompletionContext | undefined;
}

/**
 * Where an offer came from. `typedAsSuggested`: the rest of one that a person is typing. `cache`: an answer given before at
 * this very place, or one that was fetched ahead. `inFlight`: a request that an earlier question had sent.
 */
export type AnswerSource = 'engine' | 'typedAsSuggested' | 'cache' | 'inFlight';

/** What became of a question. */
export interface Outcome {
  readonly outcome: 'offered' | 'empty' | 'cancelled' | 'failed';
  readonly source: AnswerSource;
  /** The best text to offer at the cursor; empty when there is none. */
  readonly text: string;
  /** All texts to offer, best first. */
  readonly candidates: readonly string[];
  /** Requests sent: 2 when the engine stopped under the first. */
  readonly attempts: number;
  readonly stats?: RequestStats;
  /** The rule of the engine that left nothing to offer. */
  readonly dropped?: DropReason;
  /** True when the next question came before this one had an answer. */
  readonly superseded?: boolean;
  readonly error?: string;
}

/** The same with its question; facts for the log, bug reports and tests. */
export interface CompletionTrace extends Outcome {
  readonly uri: string;
  readonly trigger: Question['trigger'];
  readonly ms: number;
}

export function offer(
  source: AnswerSource,
  candidates: readonly string[],
  attempts: number,
): Outcome {
  const [text] = candidates;
  return { outcome: text ? 'offered' : 'empty', source, text: text ?? '', candidates, attempts };
}

export function nothing(outcome: 'cancelled' | 'failed', attempts: number): Outcome {
  return { outcome, source: 'engine', text: '', candidates: [], attempts };
}
