/**
 * The native surface: mapped session files and a thin binding of llama.h. No policy.
 *
 * Threads: one inference thread per addon instance (per JavaScript environment) runs every `llama_*` call that touches
 * a context; functions that return a promise queue one job on it, in order, and settle on the JS thread. Contexts for
 * building an image have a background thread instead, on which images are opened too. What waits for a disk (`sync`,
 * `checksum` and `close` of a session file) runs on an I/O thread, after everything queued before it; for a file that
 * is written that is another one, of lower priority (Linux: nice 10). The process may exit while nothing is queued,
 * whatever is open.
 * Mapped bytes never enter JavaScript.
 *
 * Errors: a wrong argument throws at once a TypeError or RangeError with `ERR_WARMFORK_ARGUMENT` (what depends on the
 * state of a context rejects with it). Every method of a closed object but `close` throws `ERR_WARMFORK_CLOSED`.
 * Lifetimes: a context keeps its model's memory, a session file that of its context, so `close` may come in any order.
 * `close` waits for the jobs queued before it; a second `close` does nothing.
 */

/** Errors carry one of these as `code`, and for session files the name of the `llama_state_mmap_error`. */
export type NativeErrorCode =
  | 'ERR_WARMFORK_LIBRARY'
  | 'ERR_WARMFORK_MODEL'
  | 'ERR_WARMFORK_CONTEXT'
  | 'ERR_WARMFORK_ARGUMENT'
  | 'ERR_WARMFORK_CLOSED'
  | 'ERR_WARMFORK_SESSION';

export interface NativeError extends Error {
  readonly code: NativeErrorCode;
  /** For `ERR_WARMFORK_SESSION`: `locked`, `not_found`, `no_space`, … */
  readonly reason?: string;
}

export interface LibraryOptions {
  /** `libllama`; opening one that this process has loaded already gives the same instance. */
  readonly llamaPath: string;
  /** The `libggml` beside it (backend registry). */
  readonly ggmlPath: string;
  /** The folder to load backends from. Absent: whoever loaded the library has loaded them. */
  readonly backendsPath?: string | undefined;
  /**
   * llama.cpp's log: warnings and errors line by line, the info lines of one load or creation as one message. Its
   * logger is one per process: every addon instance hears every line. Quiet without a listener.
   */
  readonly onLog?:
    ((level: 'debug' | 'info' | 'warn' | 'error', message: string) => void) | undefined;
}

export interface LibraryInfo {
  readonly sessionVersion: number;
  readonly sequenceVersion: number;
  /** Whether session files can be mapped on this system (`llama_state_mmap_supported`). */
  readonly mmapSupported: boolean;
  /** Whether this libggml lets a context's cells lie on memory of ours; whether they then do depends on the model. */
  readonly imagesSupported: boolean;
  readonly maxSequences: number;
  /** The llama.cpp release whose headers this addon was compiled against. */
  readonly llamaRelease: string;
}

/**
 * Resolves the `llama_*` functions; must be called before anything else, in each environment that wants `onLog`.
 * Throws `ERR_WARMFORK_LIBRARY` when the library misses a function, is of another release than the headers, has no
 * backend loaded, or is another one than this process already uses.
 */
export function initialize(options: LibraryOptions): LibraryInfo;

export interface ModelOptions {
  readonly path: string;
  readonly gpuLayers: number;
  readonly useMmap: boolean;
}

export interface ModelInfo {
  readonly description: string;
  readonly parameters: number;
  readonly sizeBytes: number;
  readonly nCtxTrain: number;
  readonly nLayer: number;
  readonly nVocab: number;
  readonly ropeFreqScaleTrain: number;
  readonly isRecurrent: boolean;
  readonly isHybrid: boolean;
  readonly nSwa: number;
  readonly addBos: boolean;
  /** Token ids; -1 where the vocabulary has none. */
  readonly tokens: {
    readonly bos: number;
    readonly eos: number;
    readonly eot: number;
    readonly newline: number;
    readonly fimPrefix: number;
    readonly fimSuffix: number;
    readonly fimMiddle: number;
    readonly fimPad: number;
    readonly fimRepository: number;
    readonly fimSeparator: number;
  };
  readonly chatTemplate: string | undefined;
  /** String values of the GGUF metadata (arrays left out). */
  readonly metadata: Readonly<Record<string, string>>;
}

export class Model {
  private constructor();
  /** Rejects with `ERR_WARMFORK_MODEL` when the file is missing, no GGUF, or does not fit. Runs on the inference thread. */
  static load(options: ModelOptions): Promise<Model>;
  readonly info: ModelInfo;
  /** `parseSpecial: false` keeps the text of special tokens plain text. Runs on the JS thread (the vocabulary is immutable). */
  tokenize(text: string, options: { parseSpecial: boolean }): Int32Array;
  /** Bytes of one token; special tokens give their name only with `special`. */
  tokenBytes(token: number, options: { special: boolean }): Uint8Array;
  isEndOfGeneration(token: number): boolean;
  isControl(token: number): boolean;
  /**
   * Text tokens whose bytes begin with `bytes`, and text tokens that are a non-empty prefix of `bytes`, ascending.
   * Text tokens are those that are neither control nor end of generation. For token healing.
   */
  tokensStartingWith(bytes: Uint8Array): Int32Array;
  close(): Promise<void>;
}

export interface ContextOptions {
  /** KV cells; llama.cpp rounds up to a multiple of 256. */
  readonly nCtx: number;
  readonly nBatch: number;
  readonly nUbatch: number;
  /** At most `LibraryInfo.maxSequences`. */
  readonly nSeqMax: number;
  readonly nThreads: number;
  readonly nThreadsBatch: number;
  readonly kvType: 'f16' | 'q8_0';
  readonly swaFull: boolean;
}

export interface DecodeItem {
  readonly sequence: number;
  /** Position of the first token: the sequence's `maxPosition + 1`, or what an earlier item of this decode left. */
  readonly position: number;
  readonly tokens: Int32Array;
  /** Sample after the last token of this item. */
  readonly sample?: SampleOptions | undefined;
}

export interface SampleOptions {
  /** Greedy when absent. */
  readonly sampler?: Sampler | undefined;
  /** Only these tokens may be chosen. */
  readonly allowed?: Int32Array | undefined;
  /** Never choose these tokens; stronger than `allowed`. */
  readonly forbidden?: Int32Array | undefined;
  /** Also gives its log-probability, which takes as long as all the rest of sampling. */
  readonly logProbability?: boolean | undefined;
  /**
   * For drafts, an item for each token: what the next item goes on with, -1 in the last. Where another token is sampled,
   * the items after it are not sampled. Where (greedy) a second token is so close that a decode of one token might
   * choose that, this one is not sampled either.
   */
  readonly expected?: number | undefined;
}

export interface DecodeOptions {
  /**
   * For one item with `sample`: when nothing else is queued, evaluates the sampled token too, before anybody asks for it.
   * A decode of just that token at its place, with `sample`, goes on from there; anything else undoes it first. Ignored
   * after a token that ends a text, and where the memory is no plain KV cache.
   */
  readonly ahead?: boolean | undefined;
}

/**
 * `noRoom`: too few free cells, the context is as before. `aborted` and `fault`: some of the tokens may have been
 * evaluated, ask `maxPosition`.
 */
export type DecodeStatus = 'done' | 'noRoom' | 'aborted' | 'fault';

export interface DecodeResult {
  readonly status: DecodeStatus;
  /** llama_decode's return code: 0, 1, 2, or below 0. */
  readonly code: number;
  /** One entry for each item with `sample`, in order, as far as `expected` allows; empty unless `done`. */
  readonly sampled: Int32Array;
  /** Of each sampled token, under the unrestricted distribution; not a number where it was not asked for. */
  readonly logProbabilities: Float32Array;
  /** Time on the inference thread, evaluation and sampling. */
  readonly ms: number;
  /** It was begun before it was asked for. */
  readonly ahead: boolean;
}

/**
 * A base mapped in place: `cellsPath` holds the raw K/V buffer of a context, `metaPath` the rest of its state.
 * docs/in-place.md has the formats.
 */
export interface ImageFiles {
  readonly cellsPath: string;
  readonly metaPath: string;
  /** Written into the metadata, and compared when the image is opened. */
  readonly identity: string;
}

export interface WrittenImage {
  /** Length of the cells' file; what it occupies is less, for it is sparse. */
  readonly cellsBytes: number;
  readonly metaBytes: number;
  /** What `imageChecksum` gives. */
  readonly checksum: string;
}

/**
 * The cells of one sequence on their way from one context to another, or to a file. Holds memory until it is collected,
 * or until `saveExported` has written it.
 */
export interface ExportedSequence {
  readonly exportedSequence: unique symbol;
}

/** One `llama_context` with unified KV. Sequences are numbers in [0, nSeqMax). */
export class Context {
  private constructor();
  static create(model: Model, options: ContextOptions): Promise<Context>;
  /**
   * An empty context with the cells of `like` on private memory, from which `writeImage` can write them. It has a thread
   * of its own and decodes one token at a time. Rejects with `ERR_WARMFORK_SESSION` (`unsupported`) where llama.cpp does
   * not put all cells into one buffer in host memory.
   */
  static createForImage(like: Context): Promise<Context>;
  /**
   * A context whose cells lie on a private, copy-on-write mapping of an image, and the tokens in its sequence 0. Nothing
   * that happens in the context changes the file. Opened on the background thread, used on the inference thread. The
   * image is checked, except its checksum: that is for the caller (`imageChecksum`), who may have known it already.
   * Rejects with `ERR_WARMFORK_SESSION`; nothing is left behind then.
   */
  static openImage(
    model: Model,
    options: ContextOptions,
    files: ImageFiles,
  ): Promise<{ readonly context: Context; readonly tokens: Int32Array; readonly checksum: string }>;
  readonly nCtx: number;
  readonly nSeqMax: number;
  readonly nBatch: number;
  /** Upper bound of any state of this context, header and tokens included, in bytes; 0 if it cannot be mapped. */
  readonly stateSizeMax: number;

  /** All items in one `llama_decode`; together at most nBatch tokens, at most max(64, nSeqMax) of them with `sample`. */
  decode(items: readonly DecodeItem[], options?: DecodeOptions): Promise<DecodeResult>;
  /**
   * Ends every decode queued before this call: the running one between two graph nodes (CPU), a waiting one before it
   * begins. They answer `aborted`. Never touches a decode queued later.
   */
  abort(): void;
  /** Nobody will ask for what is decoded ahead: it ends, between two graph nodes (CPU). Never throws. */
  endAhead(): void;
  /** Logits of the last output of the last decode, copied (for tests and benchmarks). Rejects when it had none. */
  lastLogits(): Promise<Float32Array>;

  /** `p0 < 0` is 0, `p1 < 0` is the end. Metadata only: no KV byte is copied. */
  copySequence(from: number, to: number, p0: number, p1: number): Promise<void>;
  /** False when the memory cannot remove a part of a sequence (recurrent models). */
  removeSequence(sequence: number, p0: number, p1: number): Promise<boolean>;
  clear(): Promise<void>;
  /** -1 when the sequence is empty. */
  maxPosition(sequence: number): Promise<number>;
  minPosition(sequence: number): Promise<number>;

  /**
   * Ordinary file I/O in llama.cpp's own calls: the fallback where mapping is unsupported. Files are checked as mapped
   * ones are before llama.cpp sees them. Save resolves to the file's bytes. Reject with `ERR_WARMFORK_SESSION`.
   */
  saveFile(path: string, tokens: Int32Array): Promise<number>;
  loadFile(path: string): Promise<Int32Array>;
  saveSequenceFile(path: string, sequence: number, tokens: Int32Array): Promise<number>;
  /** The same for a sequence that was copied out before, and is spent by this. Not on the inference thread. */
  saveExportedFile(path: string, state: ExportedSequence, tokens: Int32Array): Promise<number>;
  loadSequenceFile(path: string, sequence: number): Promise<Int32Array>;

  /**
   * Writes the cells and their metadata as two new files, durably; a file that exists already is an error. The context
   * must come from `createForImage` and hold `tokens` and nothing else.
   */
  writeImage(files: ImageFiles, tokens: Int32Array): Promise<WrittenImage>;
  /** Makes memory for the next `exportSequence` of so many cells ready, on the I/O thread: then that only copies. */
  prepareExport(cells: number): Promise<void>;
  /** Copies the cells of a sequence out of the context. */
  exportSequence(sequence: number): Promise<ExportedSequence>;
  /** Replaces a sequence by cells that come from a context of the same model and K/V type. */
  importSequence(state: ExportedSequence, sequence: number): Promise<void>;

  close(): Promise<void>;
}

export class Sampler {
  /** temperature > 0; `topK` 0 and `topP` 1 switch a stage off. */
  constructor(options: { temperature: number; topK: number; topP: number; seed: number });
  /** Decodes that are queued keep it. */
  close(): void;
}

/** An exclusive lock that the system gives back when the process ends, however it ends. */
export class FileLock {
  private constructor();
  /**
   * Locks the file at `path`, which is made for this user only if it does not exist. Undefined while another process, or
   * another FileLock of this one, holds it. Needs no `initialize`. Throws `ERR_WARMFORK_SESSION` with the reason when the
   * file cannot be made, belongs to somebody else or may be read by others. Does not wait.
   */
  static tryAcquire(path: string): FileLock | undefined;
  /** Also when the object is collected: keep it for as long as the lock is needed. */
  close(): void;
}

export type MappingMode = 'readOnly' | 'readWrite' | 'copyOnWrite';

/** A mapped session file. Opened for the whole context, or for one sequence's state. */
export class SessionFile {
  private constructor();
  /** Rejects with `ERR_WARMFORK_SESSION` and the reason. `readWrite` creates and pre-allocates, and holds the lock. */
  static open(
    context: Context,
    path: string,
    options: {
      mode: MappingMode;
      scope: 'context' | 'sequence';
      /** `readWrite` files of a sequence: disk space for so many cells and tokens instead of for the whole context. */
      maxCells?: number | undefined;
    },
  ): Promise<SessionFile>;
  readonly mode: MappingMode;
  /** A writer was alive when this was opened: it is a private copy of what the file held then. */
  readonly isSnapshot: boolean;
  /**
   * Puts the state into the context (scope `context`: everything in it is replaced) or into `sequence` (scope
   * `sequence`, then required). Rejects when the file does not validate: the context is as before; with the reason
   * `refused` (too few free cells) the context or sequence is empty.
   */
  load(sequence?: number): Promise<Int32Array>;
  /** Writes the state with its tokens, in `readWrite` mode durably; resolves to the content size in bytes. */
  save(tokens: Int32Array, sequence?: number): Promise<number>;
  /**
   * The same for a sequence that was copied out of the context before, and is spent by this. Not on the inference thread:
   * what takes time here keeps nobody waiting.
   */
  saveExported(tokens: Int32Array, state: ExportedSequence): Promise<number>;
  /** Map → disk, durable. Read-write only. Not on the inference thread. */
  sync(): Promise<void>;
  /** XXH64 of the content as 16 hex digits. Rejects with `absent` when there is none. Not on the inference thread. */
  checksum(): Promise<string>;
  /** Bytes of the content; 0 when there is none. */
  contentSize(): number;
  /** Read-write: syncs, trims to the exact length, unlocks. Not on the inference thread. */
  close(): Promise<void>;
}

/**
 * Reads the cells of an image to the end, on the I/O thread: afterwards they are in the page cache, and known to be
 * what `writeImage` wrote or not. Rejects with `ERR_WARMFORK_SESSION`.
 */
export function imageChecksum(
  cellsPath: string,
): Promise<{ readonly cellsBytes: number; readonly checksum: string }>;

/** Sums over the whole process, for tests and logs. */
export interface SessionCounters {
  /** Session files open now. */
  readonly open: number;
  readonly loads: number;
  readonly saves: number;
  /** Waits for the disk. */
  readonly syncs: number;
  /** Files that were not believed. */
  readonly rejected: number;
  /** Address space mapped from files now. */
  readonly bytesMapped: number;
  /** Content copied by us: headers, tokens, snapshots, exported sequences that are saved. */
  readonly bytesCopied: number;
  /** Payload that llama.cpp read in place. */
  readonly bytesLoaded: number;
  /** Payload in files, written by llama.cpp in place or out of an exported sequence. */
  readonly bytesSaved: number;
  readonly bytesPreallocated: number;
}

export function sessionCounters(): SessionCounters;
