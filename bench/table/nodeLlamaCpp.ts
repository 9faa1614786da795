/** node-llama-cpp's own API as a peer: a process that does one job. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { inRoot } from '../../scripts/lib/paths.ts';
import { sizes } from './project.ts';
import type { Bench } from './part.ts';
import { orMissing } from './peer.ts';

export const nodeLlamaName = 'node-llama-cpp';

export type NodeLlamaJob =
  /** Evaluates the prompt but for its last token and saves the sequence's state. */
  | { readonly kind: 'save'; readonly prompts: readonly [number[]]; readonly path: string }
  /** Loads that state; the first token behind the prompt. */
  | { readonly kind: 'open'; readonly prompts: readonly [number[]]; readonly path: string }
  /** The first token behind each prompt, every one in a sequence of its own. */
  | { readonly kind: 'second'; readonly prompts: readonly [number[], number[]] };

export interface NodeLlamaAnswer {
  /** Prompt tokens evaluated for the last prompt. */
  readonly evaluated: number;
  /** Of the last prompt. */
  readonly ms: number;
  /** From the start of the process. */
  readonly wholeMs: number;
}

/** Undefined where it does not take part, or fails; it says why on stderr. */
export async function askNodeLlama(
  bench: Bench,
  job: NodeLlamaJob,
): Promise<NodeLlamaAnswer | undefined> {
  return bench.nodeLlamaCpp ? orMissing(bench, nodeLlamaName, () => runJob(bench, job)) : undefined;
}

async function runJob(bench: Bench, job: NodeLlamaJob): Promise<NodeLlamaAnswer> {
  const { model, threads } = bench;
  const began = performance.now();
  const child = fork(inRoot('bench/table/nodeLlamaCppWorker.mjs'), { execArgv: [] });
  const gone = new AbortController();
  child.once('exit', () => gone.abort(new Error(`node-llama-cpp ended during "${job.kind}"`)));
  child.send({ ...job, model, threads, contextTokens: sizes(bench).contextTokens });
  const [answer] = (await once(child, 'message', { signal: gone.signal })) as [NodeLlamaAnswer];
  const wholeMs = performance.now() - began;
  if (child.exitCode === null) await once(child, 'exit');
  return { ...answer, wholeMs };
}
