import { appendFileSync } from 'node:fs';
import process from 'node:process';
import type { CompletionTrace, Question } from './question.ts';

/** What became of a question, and where it was asked. */
export interface AnswerEvent extends CompletionTrace {
  /** Text before the cursor, in its line. */
  readonly line: string;
}

const file = process.env['WARMFORK_HOST_TRACE'];

/** For tests: one JSON line per answered question. Does nothing unless asked for: it holds text of documents. */
export function traceAnswer({ window }: Question, trace: CompletionTrace): void {
  if (file === undefined || file === '') return;
  const line = window.prefix.slice(window.prefix.lastIndexOf('\n') + 1);
  const event: AnswerEvent = { ...trace, line };
  appendFileSync(file, `${JSON.stringify(event)}\n`);
}
