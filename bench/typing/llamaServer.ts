/** llama-server's `/infill` as a player, asked as its editor plug-ins do: 200 lines before the cursor and 64 after it. */
import type { ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { endTree, isAlive, start } from '../../scripts/lib/processes.ts';
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
const startLimitMs = 120_000;

export class LlamaServerPlayer implements Player {
  readonly name: string;
  readonly #maxTokens: number;
  readonly #address: string;
  readonly #process: ChildProcess;
  #decoded = 0;
  /** The end of what it said, for the error of a failed start. */
  #output = '';

  private constructor(options: LlamaServerOptions, address: string, process: ChildProcess) {
    this.name = options.name;
    this.#maxTokens = options.maxTokens;
    this.#address = address;
    this.#process = process;
    process.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      this.#output = (this.#output + chunk).slice(-2000);
    });
  }

  /** Resolves when the model is loaded. */
  static async start(options: LlamaServerOptions): Promise<LlamaServerPlayer> {
    const port = await freePort();
    const child = start(options.program, serverArguments(options, port), {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const player = new LlamaServerPlayer(options, `http://127.0.0.1:${port}`, child);
    try {
      await player.#ready();
      return player;
    } catch (error) {
      await player.close();
      throw error;
    }
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

  async close(): Promise<void> {
    const { pid } = this.#process;
    if (pid !== undefined && isAlive(pid)) await endTree(pid, 5000);
  }

  /** A connection of its own for each: the server closes those that it keeps, in its own time. */
  #infill(moment: Moment, signal: AbortSignal): AsyncIterable<ServerEvent> {
    return postForEvents(`${this.#address}/infill`, signal, {
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

  async #ready(): Promise<void> {
    const deadline = performance.now() + startLimitMs;
    while (performance.now() < deadline) {
      const { exitCode, signalCode } = this.#process;
      if (exitCode !== null || signalCode !== null)
        throw new Error(`llama-server ended (${exitCode ?? signalCode}):\n${this.#output}`);
      const response = await fetch(`${this.#address}/health`).catch(() => undefined);
      if (response?.ok === true) return;
      await delay(100);
    }
    throw new Error(`llama-server was not ready within ${startLimitMs} ms:\n${this.#output}`);
  }
}

/** The best configuration for this job: one slot, all cells for it, its cache reused in chunks, flash attention. */
function serverArguments(options: LlamaServerOptions, port: number): string[] {
  return [
    ...['--model', options.model],
    ...['--host', '127.0.0.1', '--port', String(port)],
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

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
