/** What a worker process is asked, one job after the other, and what it answers. */
import type { ImageFiles, SessionCounters } from '../../native/index.d.ts';
import type { KvMemory } from './smaps.ts';

export type KvType = 'f16' | 'q8_0';

/** A base on the disk, in both forms. */
export interface Base {
  readonly modelPath: string;
  readonly kvType: KvType;
  readonly nCtx: number;
  readonly nTokens: number;
  readonly sessionPath: string;
  readonly image: ImageFiles;
}

/** `place`: on the image. `map`: a new context, the session file mapped and copied. `read`: `llama_state_load_file`. */
export type Way = 'place' | 'map' | 'read';

export type Job =
  /** Evaluates `chunkTokens` tokens and writes session file and image of as many of them as the base has. */
  | { readonly kind: 'prepare'; readonly base: Base; readonly chunkPath: string }
  | { readonly kind: 'prepareChunk'; readonly base: Base; readonly chunkPath: string }
  | { readonly kind: 'loadModel'; readonly base: Base }
  /** Opens a context with the base in sequence 0, under a name of its own. */
  | { readonly kind: 'open'; readonly base: Base; readonly way: Way; readonly context: string }
  /** Reads the image to its end, as an engine does that has not yet checked it. */
  | { readonly kind: 'checksum'; readonly base: Base }
  /** Reads a file from its beginning to its end, as plainly as can be. */
  | { readonly kind: 'readPlain'; readonly path: string }
  /** Makes `sequence` a fork of the base. */
  | { readonly kind: 'fork'; readonly context: string; readonly sequence: number }
  | { readonly kind: 'remove'; readonly context: string; readonly sequence: number }
  /** Takes `count` forks of the base in sequence 0, each made ready before, and gives them back: a time for each. */
  | {
      readonly kind: 'takeForks';
      readonly context: string;
      readonly nTokens: number;
      readonly count: number;
    }
  /** Decodes so many tokens at the end of a sequence, `batch` at a time; a sample after each batch. */
  | {
      readonly kind: 'decode';
      readonly context: string;
      readonly sequence: number;
      readonly nTokens: number;
      readonly batch: number;
    }
  /** Gives `sequence` of `context` the cells of the base's tokens from `from` on, out of a context that has them. */
  | {
      readonly kind: 'graft';
      readonly source: string;
      readonly from: number;
      readonly nTokens: number;
      readonly context: string;
      readonly sequence: number;
    }
  /** An empty context, to be compared with one that is opened with a base. */
  | { readonly kind: 'create'; readonly base: Base; readonly context: string }
  /** A context on memory of ours with nothing in it: what any context takes, cells not cleared. */
  | { readonly kind: 'createPlaced'; readonly base: Base; readonly like: string }
  /** The base's session file into an open context, which is empty: what a restore by copy is without its context. */
  | {
      readonly kind: 'load';
      readonly base: Base;
      readonly way: Exclude<Way, 'place'>;
      readonly context: string;
    }
  /** Copies so many bytes from memory that is there to memory that is there, in so many pieces. */
  | { readonly kind: 'memcpy'; readonly nBytes: number; readonly pieces?: number }
  /** Saves what stands above `from` in the base as a session file of its own, a token of `beside`, if any, meanwhile. */
  | {
      readonly kind: 'save';
      readonly base: Base;
      readonly context: string;
      readonly from: number;
      readonly path: string;
      readonly beside?: number;
    }
  /** Writes so many bytes into a new file, durably. */
  | { readonly kind: 'writePlain'; readonly path: string; readonly nBytes: number }
  /** The whole sequence by `llama_state_seq_save_file`. */
  | {
      readonly kind: 'saveStock';
      readonly base: Base;
      readonly context: string;
      readonly path: string;
    }
  | { readonly kind: 'counters'; readonly base: Base }
  | { readonly kind: 'close'; readonly context: string }
  | { readonly kind: 'memory'; readonly base: Base };

export interface Answer {
  /** Time of the job itself, or of each batch of a decode. */
  readonly ms: readonly number[];
  /** Processor time of the same, all threads: what it would take on a machine that does nothing else. */
  readonly cpuMs: readonly number[];
  readonly memory?: KvMemory;
  /** Bytes of the file that was written. */
  readonly bytes?: number;
  readonly counters?: SessionCounters;
}
