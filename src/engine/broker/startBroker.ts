/** Of several processes that want to be the engine of the same windows, one becomes it. */
import { truncateSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import type { FileLock } from '../../../native/index.js';
import { readRendezvous, rendezvousPaths } from '../../rendezvous/rendezvous.ts';
import { loadNative } from '../native/loadNative.ts';
import { Broker } from './broker.ts';

export interface StartBrokerOptions {
  readonly directory: string;
  readonly key: string;
  readonly lingerMs: number;
}

/** How often the lock is tried while another engine ends, in ms. */
const pollMs = 20;

/** Kept for as long as the process lives: a lock is given back with its object. */
const held: FileLock[] = [];

/** The engine, or undefined when another process is it, to which windows can connect now. */
export async function startBroker(options: StartBrokerOptions): Promise<Broker | undefined> {
  const { directory, key } = options;
  const { file, lock, output } = rendezvousPaths(directory, key);
  const { FileLock } = loadNative();
  // The one that holds the lock listens, or is about to, or saves before it ends: all of that takes a short time.
  for (;;) {
    const taken = FileLock.tryAcquire(lock);
    if (taken !== undefined) {
      held.push(taken);
      truncateSync(output); // what the one before said
      break;
    }
    if (await isListening(file)) return undefined;
    await setTimeout(pollMs);
  }
  return Broker.open({ ...options, file, onEnd: () => process.exit(0) });
}

async function isListening(file: string): Promise<boolean> {
  const rendezvous = await readRendezvous(file);
  if (rendezvous === undefined) return false;
  return new Promise((resolve) => {
    const socket = connect(rendezvous.endpoint);
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
