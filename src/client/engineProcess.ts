import { fork, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import {
  createMessageConnection,
  IPCMessageReader,
  IPCMessageWriter,
  type MessageConnection,
} from 'vscode-jsonrpc/node';
import type { EngineExit, EngineLink } from './engineLink.ts';

export interface EngineProcessOptions {
  /** Path of the bundled engine, an ES module. */
  readonly engineModule: string;
  /** Default: the running executable; under Electron it runs as Node. */
  readonly execPath?: string;
  /** Default: none; the host's own flags (inspector, …) are not handed down. */
  readonly execArgv?: readonly string[];
  /** Added to the host's environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Lines of output that are kept for the log of a crash. */
const tailLines = 30;

/** A response read in the last moment still waits in the connection's queue, one message a turn. */
const drainTurns = 64;

/** One engine process and the connection to it. */
export class EngineProcess implements EngineLink {
  readonly connection: MessageConnection;
  /** Settles when the process has ended and every request to it is settled. Never rejects. */
  readonly gone: Promise<EngineExit>;
  readonly #child: ChildProcess;
  readonly #tail: string[] = [];

  constructor(options: EngineProcessOptions, onOutput: (line: string) => void) {
    this.#child = fork(options.engineModule, {
      execPath: options.execPath ?? process.execPath,
      execArgv: [...(options.execArgv ?? [])],
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1', ...options.env },
      serialization: 'json',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const onLine = (line: string): void => {
      this.#tail.push(line);
      if (this.#tail.length > tailLines) this.#tail.shift();
      onOutput(line);
    };
    readLines(this.#child.stdout, onLine);
    readLines(this.#child.stderr, onLine);
    this.connection = createMessageConnection(
      new IPCMessageReader(this.#child),
      new IPCMessageWriter(this.#child),
    );
    // A failed write shows as a rejected request; the end of the process shows in `gone`.
    this.connection.onError(() => undefined);
    this.gone = this.#watch();
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** The last lines it wrote outside of the protocol. */
  get lastOutput(): string {
    return this.#tail.join('\n');
  }

  /** Ends it at once; it gets no time to save. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  abandon(): void {
    this.kill();
  }

  /** Closes the channel: the engine saves what is dirty and ends by itself. The host need not wait. */
  release(): void {
    if (this.#child.connected) this.#child.disconnect();
    this.#child.unref();
  }

  async #watch(): Promise<EngineExit> {
    const exit = await ended(this.#child);
    await drain(this.connection);
    return exit;
  }
}

/** Lets what was received settle its requests; those that are left are rejected. */
export async function drain(connection: MessageConnection): Promise<void> {
  for (let turn = 0; turn < drainTurns && connection.hasPendingResponse(); turn++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  connection.dispose();
}

/** Both events are needed: the channel may hold messages when the process has already exited. */
function ended(child: ChildProcess): Promise<EngineExit> {
  return new Promise((resolve) => {
    let exit: EngineExit | undefined;
    let isOpen = true;
    const settle = (): void => {
      if (exit && !isOpen) resolve(exit);
    };
    child.once('disconnect', () => {
      isOpen = false;
      settle();
    });
    child.once('exit', (code, signal) => {
      exit = { code, signal };
      settle();
    });
    child.once('error', (error) => {
      if (child.pid === undefined) resolve({ code: null, signal: null, error });
    });
  });
}

function readLines(stream: Readable | null, onLine: (line: string) => void): void {
  if (stream) createInterface({ input: stream }).on('line', onLine);
}
