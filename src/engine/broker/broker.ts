/** Serves all windows that share this engine process, over a local socket. */
import { chmod } from 'node:fs/promises';
import { createServer, type Server as SocketServer, type Socket } from 'node:net';
import {
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-jsonrpc/node';
import { admit } from '../../rendezvous/greeting.ts';
import {
  newRendezvous,
  removeRendezvous,
  writeRendezvous,
  type Rendezvous,
} from '../../rendezvous/rendezvous.ts';
import { Server } from '../server.ts';
import { SharedEngines, type SharedEnginesOptions } from './sharedEngines.ts';

export interface BrokerOptions extends Omit<SharedEnginesOptions, 'onEmpty'> {
  readonly directory: string;
  /** Where windows look for it; see {@link Rendezvous}. */
  readonly file: string;
  /** Called when nobody is left and everything is saved. */
  readonly onEnd: () => void;
}

/** Somebody who connects and says nothing is hung up on after this time, in ms. */
const admitMs = 5_000;
/** A broker that no window came to ends after this time, in ms. */
const firstWindowMs = 15_000;

export class Broker {
  readonly #options: BrokerOptions;
  readonly #engines: SharedEngines;
  readonly #server: SocketServer;
  readonly #rendezvous: Rendezvous;
  readonly #windows = new Set<Server>();
  readonly #lonely: NodeJS.Timeout;
  #ending: Promise<void> | undefined;

  private constructor(options: BrokerOptions) {
    this.#options = options;
    this.#rendezvous = newRendezvous(options.directory, process.pid);
    this.#engines = new SharedEngines({ ...options, onEmpty: () => this.#endWhenAlone() });
    this.#server = createServer((socket) => void this.#connected(socket));
    this.#lonely = setTimeout(() => this.#endWhenAlone(), firstWindowMs);
  }

  /** Resolves when windows can connect. The caller holds the lock. */
  static async open(options: BrokerOptions): Promise<Broker> {
    const broker = new Broker(options);
    const { endpoint } = broker.#rendezvous;
    await listen(broker.#server, endpoint);
    if (process.platform !== 'win32') await chmod(endpoint, 0o600);
    await writeRendezvous(options.file, broker.#rendezvous);
    return broker;
  }

  /** Saves everything, hangs up and ends; once, however often it is asked. */
  end(): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  async #connected(socket: Socket): Promise<void> {
    socket.on('error', () => socket.destroy()); // seen as a close
    if (!(await admit(socket, this.#rendezvous.token, admitMs))) return;
    if (this.#ending !== undefined) return void socket.destroy();
    const connection = createMessageConnection(
      new StreamMessageReader(socket),
      new StreamMessageWriter(socket),
    );
    connection.onError(() => undefined); // seen as a close
    const window = new Server(connection, this.#engines, {
      onLeft: () => undefined, // it hangs up when it has its answer
      onEnd: () => void this.end(),
    });
    this.#windows.add(window);
    connection.onClose(() => void this.#gone(window));
    socket.resume();
  }

  async #gone(window: Server): Promise<void> {
    await window.leave();
    this.#windows.delete(window);
    this.#endWhenAlone();
  }

  #endWhenAlone(): void {
    if (this.#windows.size === 0 && this.#engines.isEmpty) void this.end();
  }

  async #end(): Promise<void> {
    clearTimeout(this.#lonely);
    await removeRendezvous(this.#options.file);
    this.#server.close(); // removes the socket
    await this.#engines.end();
    this.#options.onEnd();
  }
}

function listen(server: SocketServer, endpoint: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(endpoint, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
