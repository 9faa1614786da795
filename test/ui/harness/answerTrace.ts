import { existsSync, readFileSync } from 'node:fs';
import type { AnswerEvent } from '../../../src/extension/inline/answerTrace.ts';
import { until } from './until.ts';

/** What the extension answered the editor, question by question. */
export class AnswerTrace {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  /** All answers so far, oldest first. */
  all(): AnswerEvent[] {
    if (!existsSync(this.#file)) return [];
    return readFileSync(this.#file, 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as AnswerEvent);
  }

  /** The first answer to a question behind such text that was not given up. */
  behind(line: RegExp): Promise<AnswerEvent> {
    const isWanted = (event: AnswerEvent) => line.test(event.line) && event.outcome !== 'cancelled';
    return until(`an answer behind ${line}`, () => this.all().find(isWanted));
  }

  /** The last answer, when it is one to a question behind such text, and not given up. */
  last(line: RegExp): Promise<AnswerEvent> {
    return until(`an answer behind ${line}`, () => {
      const event = this.all().at(-1);
      return event !== undefined && line.test(event.line) && event.outcome !== 'cancelled' && event;
    });
  }
}
