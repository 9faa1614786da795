/** The side that asks: one worker process. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { inRoot } from '../../scripts/lib/paths.ts';
import type { Answer, Job } from './jobs.ts';

export class Worker {
  readonly #child: ChildProcess;

  constructor() {
    this.#child = fork(inRoot('bench/in-place/worker.ts'), {
      execArgv: ['--import', 'tsx'],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
  }

  /** One job at a time. Rejects when the process ends instead of answering. */
  async ask(job: Job): Promise<Answer> {
    const gone = new AbortController();
    this.#child.once('exit', () => gone.abort(new Error(`the worker ended during "${job.kind}"`)));
    this.#child.send(job);
    const [answer] = (await once(this.#child, 'message', { signal: gone.signal })) as [Answer];
    this.#child.removeAllListeners('exit');
    return answer;
  }

  /** The time of a job that has one. */
  async time(job: Job): Promise<number> {
    return (await this.ask(job)).ms[0] ?? Number.NaN;
  }

  async end(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }
}

export async function withWorker<T>(use: (worker: Worker) => Promise<T>): Promise<T> {
  const worker = new Worker();
  try {
    return await use(worker);
  } finally {
    await worker.end();
  }
}
