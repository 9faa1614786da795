/** One llama-server process on a port of its own. */
import type { ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { endTree, isAlive, start } from '../../scripts/lib/processes.ts';

const startLimitMs = 120_000;
/** Short: it is part of what is measured when a start is. */
const pollMs = 10;

export class LlamaServerProcess {
  /** Without a slash at its end. */
  readonly address: string;
  readonly #process: ChildProcess;
  /** The end of what it said, for the error of a failed start. */
  #output = '';

  private constructor(address: string, process: ChildProcess) {
    this.address = address;
    this.#process = process;
    process.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      this.#output = (this.#output + chunk).slice(-2000);
    });
  }

  /** Resolves when the model is loaded; rejects with the end of what it said when it does not come to that. */
  static async start(program: string, args: readonly string[]): Promise<LlamaServerProcess> {
    const port = await freePort();
    const child = start(program, [...args, '--host', '127.0.0.1', '--port', String(port)], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const server = new LlamaServerProcess(`http://127.0.0.1:${port}`, child);
    try {
      await server.#ready();
      return server;
    } catch (error) {
      await server.close();
      throw error;
    }
  }

  /** Rejects with what it answered when that is an error. */
  async post<T>(path: string, body: unknown): Promise<T> {
    const response = await fetch(this.address + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', connection: 'close' },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`llama-server answered ${response.status}: ${text}`);
    return JSON.parse(text) as T;
  }

  async close(): Promise<void> {
    const { pid } = this.#process;
    if (pid !== undefined && isAlive(pid)) await endTree(pid, 5000);
  }

  async #ready(): Promise<void> {
    const deadline = performance.now() + startLimitMs;
    while (performance.now() < deadline) {
      const { exitCode, signalCode } = this.#process;
      if (exitCode !== null || signalCode !== null)
        throw new Error(`llama-server ended (${exitCode ?? signalCode}):\n${this.#output}`);
      const response = await fetch(`${this.address}/health`).catch(() => undefined);
      if (response?.ok === true) return;
      await delay(pollMs);
    }
    throw new Error(`llama-server was not ready within ${startLimitMs} ms:\n${this.#output}`);
  }
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
