import { fork, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import {
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
  type MessageConnection,
} from 'vscode-jsonrpc/node';
import { greet } from '../rendezvous/greeting.ts';
import { readRendezvous, rendezvousPaths, type Rendezvous } from '../rendezvous/rendezvous.ts';
import type { EngineExit, EngineLink } from './engineLink.ts';
import { drain, type EngineProcessOptions } from './engineProcess.ts';

export interface SharedEngineOptions {
  /** A folder for this user only. */
  readonly directory: string;
  /** Windows with the same key share the engine. */
  readonly key: string;
  /** How long the engine stays when its last window has left, in ms. */
  readonly lingerMs: number;
}

/** An engine that lives answers the greeting at once, whatever it computes. */
const greetMs = 5_000;
/** Engines that end just when they were found are no reason to give up. */
const attempts = 5;
/** Of the output of an engine that has crashed, the last bytes. */
const tailBytes = 4_000;

/** The way to the engine that several windows share: found, or started if there is none. */
export class SharedEngine implements EngineLink {
  readonly connection: MessageConnection;
  readonly gone: Promise<EngineExit>;
  readonly #process: EngineProcessOptions;
  readonly #options: SharedEngineOptions;
  /** What stands between the connection and the socket, which comes later. */
  readonly #received = new PassThrough();
  readonly #sent = new PassThrough();
  readonly #leaving = new AbortController();
  #pid: number | undefined;

  constructor(process: EngineProcessOptions, options: SharedEngineOptions) {
    this.#process = process;
    this.#options = options;
    this.connection = createMessageConnection(
      new StreamMessageReader(this.#received),
      new StreamMessageWriter(this.#sent),
    );
    // A failed write shows as a rejected request; the end of the connection shows in `gone`.
    this.connection.onError(() => undefined);
    this.gone = this.#live();
  }

  get pid(): number | undefined {
    return this.#pid;
  }

  get lastOutput(): string {
    try {
      return readFileSync(this.#paths.output, 'utf8').slice(-tailBytes).trim();
    } catch {
      return '';
    }
  }

  kill(): void {
    try {
      if (this.#pid !== undefined) process.kill(this.#pid, 'SIGKILL');
    } catch {
      // It is gone already.
    }
    this.#leaving.abort();
  }

  abandon(): void {
    this.#leaving.abort();
  }

  release(): void {
    this.#leaving.abort();
  }

  get #paths(): ReturnType<typeof rendezvousPaths> {
    return rendezvousPaths(this.#options.directory, this.#options.key);
  }

  async #live(): Promise<EngineExit> {
    try {
      const socket = await this.#reach();
      if (this.#leaving.signal.aborted) socket.destroy();
      else await this.#joined(socket);
      return { code: null, signal: null, isLost: true };
    } catch (error) {
      return { code: null, signal: null, error: error as Error };
    } finally {
      await drain(this.connection);
    }
  }

  /** Settles when the connection has ended. */
  async #joined(socket: Socket): Promise<void> {
    const hangUp = (): void => void socket.end();
    this.#leaving.signal.addEventListener('abort', hangUp);
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    this.#sent.pipe(socket).pipe(this.#received);
    await closed;
    this.#leaving.signal.removeEventListener('abort', hangUp);
  }

  async #reach(): Promise<Socket> {
    let failure = new Error('The engine could not be reached.');
    for (let attempt = 0; attempt < attempts; attempt++) {
      const rendezvous = await readRendezvous(this.#paths.file);
      try {
        if (rendezvous !== undefined) return await this.#join(rendezvous);
      } catch (error) {
        failure = error as Error; // one that has just ended, or was killed
      }
      if (this.#leaving.signal.aborted) break;
      await this.#startOne();
    }
    throw failure;
  }

  async #join({ endpoint, token, pid }: Rendezvous): Promise<Socket> {
    const socket = await open(endpoint);
    await greet(socket, token, greetMs);
    socket.on('error', () => socket.destroy()); // seen as a close
    this.#pid = pid;
    return socket;
  }

  /** Resolves when an engine listens: this one, or another that was faster. */
  async #startOne(): Promise<void> {
    const { engineModule, execPath, execArgv, env } = this.#process;
    const output = openSync(this.#paths.output, 'a', 0o600);
    try {
      const child = fork(engineModule, ['--shared', JSON.stringify(this.#options)], {
        execPath: execPath ?? process.execPath,
        execArgv: [...(execArgv ?? [])],
        env: { ...process.env, ELECTRON_RUN_AS_NODE: '1', ...env },
        serialization: 'json',
        stdio: ['ignore', output, output, 'ipc'],
        detached: true, // it outlives this window
        cwd: this.#options.directory, // and keeps no folder of the workspace busy
      });
      await isReady(child);
    } finally {
      closeSync(output);
    }
  }
}

function open(endpoint: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(endpoint);
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

function isReady(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) =>
      reject(new Error(`it ended at once (${signal ?? `code ${code}`})`)),
    );
    child.once('message', () => {
      child.removeAllListeners('exit');
      child.unref();
      child.channel?.unref();
      resolve();
    });
  });
}
