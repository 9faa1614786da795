/** Times of jobs. */
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import type { Answer } from './jobs.ts';

export async function timed(action: () => Promise<unknown>): Promise<Answer> {
  const cpuBefore = process.cpuUsage();
  const before = performance.now();
  await action();
  const ms = performance.now() - before;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { ms: [ms], cpuMs: [(user + system) / 1000] };
}

export function together(answers: readonly Answer[]): Answer {
  return {
    ms: answers.flatMap(({ ms }) => ms),
    cpuMs: answers.flatMap(({ cpuMs }) => cpuMs),
  };
}
