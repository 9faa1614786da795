/** llama-server's `/infill` as a player, asked as its editor plug-ins do: 200 lines before the cursor and 64 after it. */
import { LlamaServerProcess } from '../lib/llamaServerProcess.ts';
import type { Answer, Moment, Player } from './player.ts';
import { postForEvents, type ServerEvent } from './serverEvents.ts';

export interface LlamaServerOptions {
  readonly name: string;
  readonly program: string;
  readonly model: string;
  readonly contextTokens: number;
  readonly threads: number;
  readonly kvType: 'f16' | 'q8_0';
  readonly maxTokens: number;
  /** Suffix before prefix (`--spm-infill`). */
  readonly suffixFirst: boolean;
}

const oneCall = { engineCalls: 1, prefetches: 0, debounceMs: 0 };
const linesBefore = 200;
const linesAfter = 64;

export class LlamaServerPlayer implements Player {
  readonly name: string;
  readonly #maxTokens: number;
  readonly #server: LlamaServerProcess;
  #decoded = 0;

  private constructor(options: LlamaServerOptions, server: LlamaServerProcess) {
    this.name = options.name;
    this.#maxTokens = options.maxTokens;
    this.#server = server;
  }

  /** Resolves when the model is loaded. */
  static async start(options: LlamaServerOptions): Promise<LlamaServerPlayer> {
    const server = await LlamaServerProcess.start(options.program, serverArguments(options));
    return new LlamaServerPlayer(options, server);
  }

  async open(): Promise<void> {}

  async ask(moment: Moment, _pauseMs: number, signal: AbortSignal): Promise<Answer> {
    const startedMs = performance.now();
    const answer = { ...oneCall, text: '', evaluated: 0, generated: 0 };
    let firstTextMs: number | undefined;
    try {
      for await (const event of this.#infill(moment, signal)) {
        answer.text += event.content;
        if (answer.text !== '') firstTextMs ??= performance.now() - startedMs;
        answer.evaluated = event.timings?.prompt_n ?? answer.evaluated;
        answer.generated = event.timings?.predicted_n ?? answer.generated;
      }
    } catch (error) {
      const outcome = signal.aborted ? 'cancelled' : 'failed';
      return { ...answer, outcome, wholeMs: performance.now() - startedMs, error: String(error) };
    }
    this.#decoded += answer.evaluated + Math.max(0, answer.generated - 1);
    return {
      ...answer,
      outcome: answer.text === '' ? 'empty' : 'offered',
      wholeMs: performance.now() - startedMs,
      ...(firstTextMs === undefined ? {} : { firstTextMs }),
    };
  }

  tokensDecoded(): Promise<number> {
    return Promise.resolve(this.#decoded);
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  /** A connection of its own for each: the server closes those that it keeps, in its own time. */
  #infill(moment: Moment, signal: AbortSignal): AsyncIterable<ServerEvent> {
    return postForEvents(`${this.#server.address}/infill`, signal, {
      ...infillWindow(moment),
      n_predict: this.#maxTokens,
      cache_prompt: true,
      id_slot: 0,
      stream: true,
      temperature: 0,
      samplers: ['top_k'],
      top_k: 1,
    });
  }
}

/** The best configuration for this job: one slot, all cells for it, its cache reused in chunks, flash attention. */
function serverArguments(options: LlamaServerOptions): string[] {
  return [
    ...['--model', options.model],
    ...['--ctx-size', String(options.contextTokens), '--parallel', '1'],
    ...['--threads', String(options.threads), '--threads-batch', String(options.threads)],
    ...['--cache-type-k', options.kvType, '--cache-type-v', options.kvType],
    ...['--flash-attn', 'on', '--cache-reuse', '256', '--no-warmup', '--no-webui'],
    ...(options.suffixFirst ? ['--spm-infill'] : []),
  ];
}

/** The part of the line before the cursor is the `prompt`, so that prefix and suffix stay as they are in a line. */
function infillWindow({ document }: Moment): Readonly<Record<string, string>> {
  const before = document.before.split('\n');
  const line = before.pop() ?? '';
  const prefix = before.slice(-linesBefore);
  return {
    input_prefix: prefix.length === 0 ? '' : `${prefix.join('\n')}\n`,
    prompt: line,
    input_suffix: document.after.split('\n', linesAfter).join('\n'),
  };
}
