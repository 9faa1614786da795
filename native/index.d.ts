/**
 * The native surface: mapped session files and a thin binding of llama.h. No policy.
 *
 * Threads: one inference thread per addon instance runs every `llama_*` call that touches a context; functions that
 * return a promise queue one job on it and settle on the JS thread. `sync` runs on a thread of its own.
 * Mapped bytes never enter JavaScript. Every method of a closed object throws `ERR_WARMFORK_CLOSED`.
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
  /** The `libllama` already loaded in this process; opening it again gives the same instance. */
  readonly llamaPath: string;
  /** The `libggml` beside it (backend registry). */
  readonly ggmlPath: string;
  readonly onLog?: (level: 'debug' | 'info' | 'warn' | 'error', message: string) => void;
}

export interface LibraryInfo {
  readonly sessionVersion: number;
  readonly sequenceVersion: number;
  /** Whether session files can be mapped on this system (`llama_state_mmap_supported`). */
  readonly mmapSupported: boolean;
  readonly maxSequences: number;
  /** The llama.cpp release whose headers this addon was compiled against. */
  readonly llamaRelease: string;
}

/** Resolves the `llama_*` functions; must be called once, before anything else. Throws `ERR_WARMFORK_LIBRARY`. */
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
  /** Text tokens whose bytes begin with `bytes`, and text tokens that are a non-empty prefix of `bytes`. For token healing. */
  tokensStartingWith(bytes: Uint8Array): Int32Array;
  close(): Promise<void>;
}

export interface ContextOptions {
  readonly nCtx: number;
  readonly nBatch: number;
  readonly nUbatch: number;
  readonly nSeqMax: number;
  readonly nThreads: number;
  readonly nThreadsBatch: number;
  readonly kvType: 'f16' | 'q8_0';
  readonly swaFull: boolean;
}

export interface DecodeItem {
  readonly sequence: number;
  /** Position of the first token in the sequence. */
  readonly position: number;
  readonly tokens: Int32Array;
  /** Sample after the last token of this item. */
  readonly sample?: SampleOptions;
}

export interface SampleOptions {
  /** Greedy when absent. */
  readonly sampler?: Sampler;
  /** Only these tokens may be chosen. */
  readonly allowed?: Int32Array;
  /** Never choose these tokens. */
  readonly forbidden?: Int32Array;
}

export type DecodeStatus = 'done' | 'noRoom' | 'aborted' | 'fault';

export interface DecodeResult {
  readonly status: DecodeStatus;
  /** llama_decode's return code. */
  readonly code: number;
  /** One entry for each item with `sample`, in order; empty unless `done`. */
  readonly sampled: Int32Array;
  /** Mean log-probability is left to the caller: log-probability of each sampled token under the unrestricted distribution. */
  readonly logProbabilities: Float32Array;
  readonly ms: number;
}

/** One `llama_context` with unified KV. Sequences are numbers in [0, nSeqMax). */
export class Context {
  private constructor();
  static create(model: Model, options: ContextOptions): Promise<Context>;
  readonly nCtx: number;
  readonly nSeqMax: number;
  readonly nBatch: number;
  /** Upper bound of any state of this context, header and tokens included, in bytes. */
  readonly stateSizeMax: number;

  /** All items in one `llama_decode`; together at most nBatch tokens. */
  decode(items: readonly DecodeItem[]): Promise<DecodeResult>;
  /** Ends a running decode between graph nodes; it answers `aborted`. Does nothing when none runs. Any thread. */
  abort(): void;
  /** Logits of the last output of the last decode, copied (for tests and benchmarks). */
  lastLogits(): Promise<Float32Array>;

  /** `p0 < 0` is 0, `p1 < 0` is the end. Metadata only: no KV byte is copied. */
  copySequence(from: number, to: number, p0: number, p1: number): Promise<void>;
  /** False when the memory cannot remove a part of a sequence (recurrent models). */
  removeSequence(sequence: number, p0: number, p1: number): Promise<boolean>;
  clear(): Promise<void>;
  /** -1 when the sequence is empty. */
  maxPosition(sequence: number): Promise<number>;
  minPosition(sequence: number): Promise<number>;

  /** Ordinary file I/O in llama.cpp's own calls: the fallback where mapping is unsupported. Return the bytes, or reject. */
  saveFile(path: string, tokens: Int32Array): Promise<number>;
  loadFile(path: string): Promise<Int32Array>;
  saveSequenceFile(path: string, sequence: number, tokens: Int32Array): Promise<number>;
  loadSequenceFile(path: string, sequence: number): Promise<Int32Array>;

  close(): Promise<void>;
}

export class Sampler {
  /** temperature > 0; `topK` 0 and `topP` 1 switch a stage off. */
  constructor(options: { temperature: number; topK: number; topP: number; seed: number });
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
    options: { mode: MappingMode; scope: 'context' | 'sequence' },
  ): Promise<SessionFile>;
  readonly mode: MappingMode;
  /** Puts the state into the context (scope `context`: everything in it is replaced). Rejects when the file does not validate; the context or sequence is then empty. */
  load(sequence?: number): Promise<Int32Array>;
  /** Writes the state with its tokens; resolves to the content size in bytes. */
  save(tokens: Int32Array, sequence?: number): Promise<number>;
  /** Map → disk, durable. Read-write only. Not on the inference thread. */
  sync(): Promise<void>;
  /** 64-bit checksum of the content as 16 hex digits. Not on the inference thread. */
  checksum(): Promise<string>;
  contentSize(): number;
  /** Read-write: syncs, trims to the exact length, unlocks. Not on the inference thread. */
  close(): Promise<void>;
}
