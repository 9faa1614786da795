/** llama-server in its best configuration for these jobs, asked with token ids: nobody tokenises differently. */
import { LlamaServerProcess } from '../lib/llamaServerProcess.ts';
import { sizes } from './project.ts';
import type { Bench } from './part.ts';
import { orMissing } from './peer.ts';

export const serverName = 'llama-server';

export interface ServerAnswer {
  /** Prompt tokens that it evaluated. */
  readonly evaluated: number;
}

/** Runs `use` with a server that has `slots` slots over one unified cache; undefined without it. */
export async function withServer<T>(
  bench: Bench,
  options: { readonly slots: number; readonly savePath?: string },
  use: (server: LlamaServerProcess) => Promise<T>,
): Promise<T | undefined> {
  const program = bench.llamaServer;
  if (program === undefined) return undefined;
  return orMissing(bench, serverName, async () => {
    const server = await LlamaServerProcess.start(program, serverArguments(bench, options));
    try {
      return await use(server);
    } finally {
      await server.close();
    }
  });
}

/** Greedy; generates one token. */
export async function askServer(
  server: LlamaServerProcess,
  slot: number,
  tokens: readonly number[],
): Promise<ServerAnswer> {
  const answer = await server.post<{ timings: { prompt_n: number } }>('/completion', {
    prompt: tokens,
    n_predict: 1,
    cache_prompt: true,
    id_slot: slot,
    temperature: 0,
    samplers: ['top_k'],
    top_k: 1,
  });
  return { evaluated: answer.timings.prompt_n };
}

/** Saves or restores a slot under a file name below `savePath`. */
export async function slotFile(
  server: LlamaServerProcess,
  action: 'save' | 'restore',
  filename: string,
): Promise<void> {
  await server.post(`/slots/0?action=${action}`, { filename });
}

/** Ordinary text tokens that no two places repeat, within a vocabulary of `vocabularyTokens`. */
export function promptTokens(count: number, vocabularyTokens: number, seed = 0): number[] {
  const range = Math.min(50_000, vocabularyTokens - 600);
  return Array.from({ length: count }, (_, i) => 300 + (((i + seed) * 7919) % range));
}

function serverArguments(
  bench: Bench,
  { slots, savePath }: { readonly slots: number; readonly savePath?: string },
): string[] {
  const { model, threads } = bench;
  return [
    ...['--model', model, '--ctx-size', String(sizes(bench).contextTokens)],
    ...['--parallel', String(slots), '--kv-unified'],
    ...['--threads', String(threads), '--threads-batch', String(threads)],
    ...['--flash-attn', 'on', '--cache-reuse', '256', '--no-warmup', '--no-webui'],
    ...(savePath === undefined ? [] : ['--slot-save-path', savePath]),
  ];
}
