/** The last warnings and errors, for a problem report. Kept by the extension, so that they outlive an engine that crashed. */
import type { LogMessage } from '../../protocol/protocol.ts';

export type Problem = Pick<LogMessage, 'message'> & {
  readonly level: 'warn' | 'error';
  /** ms since 1970. */
  readonly at: number;
};

const maxProblems = 40;
const maxLength = 600;

export class LogRing {
  readonly #now: () => number;
  #problems: readonly Problem[] = [];

  constructor(now: () => number = () => Date.now()) {
    this.#now = now;
  }

  /** Oldest first. */
  get problems(): readonly Problem[] {
    return this.#problems;
  }

  add(level: Problem['level'], message: string): void {
    const problem = { level, message: message.slice(0, maxLength), at: this.#now() };
    this.#problems = [...this.#problems, problem].slice(-maxProblems);
  }
}
