/** What every part of a running engine shares: one model, one context, and how to use them. */
import type { Context, Model, Sampler } from '../../native/index.js';
import type { Fingerprint } from '../cache/fingerprint.ts';
import type { SessionStore } from '../cache/store.ts';
import type { ContextSlot } from './inference/contextSlot.ts';
import type { Counters } from './counters.ts';
import type { Decoder } from './inference/decoder.ts';
import type { Gate } from './inference/gate.ts';
import type { Scheduler } from './inference/scheduler.ts';
import type { SequencePool } from './inference/sequences.ts';
import type { SessionIo } from './sessions/sessionIo.ts';
import type { SessionReuse } from './sessions/sessionReuse.ts';
import type { Tokenizer } from './inference/tokenizer.ts';

/** Where sessions are kept. Absent when nothing can be kept: then everything works, from memory alone. */
export interface Persistence {
  readonly store: SessionStore;
  /** Of the context that serves. */
  readonly io: SessionIo;
  /** The same for another context. */
  readonly ioFor: (context: () => Context) => SessionIo;
  readonly fingerprint: Fingerprint;
  /** Whether what files and chats add to the base is kept too. */
  readonly keepsOverlays: boolean;
}

export interface Runtime {
  readonly model: Model;
  /** Closes it, unless another engine of this process uses it. */
  readonly releaseModel: () => Promise<void>;
  readonly slot: ContextSlot;
  /** The one that serves now: not to be kept over a wait for the gate. */
  readonly context: Context;
  readonly tokenizer: Tokenizer;
  readonly scheduler: Scheduler;
  readonly pool: SequencePool;
  readonly decoder: Decoder;
  readonly gate: Gate;
  readonly counters: Counters;
  readonly reuse: SessionReuse;
  readonly persistence: Persistence | undefined;
  readonly engineVersion: string;
  readonly newSampler: (options: ConstructorParameters<typeof Sampler>[0]) => Sampler;
  readonly log: (level: 'debug' | 'info' | 'warn' | 'error', message: string) => void;
}
