/** What the engine reports about itself. */
import type { ServerStatus } from './servers.ts';

export type EngineState = 'starting' | 'loadingModel' | 'warming' | 'ready' | 'failed';

export interface ModelFacts {
  readonly path: string;
  readonly name: string;
  /** True for the generated model whose text has no meaning. */
  readonly standIn: boolean;
  /** False: the model has no fill-in-the-middle tokens and completes by plain continuation. */
  readonly fim: boolean;
  readonly contextTokens: number;
  readonly vocabularyTokens: number;
}

export interface BaseFacts {
  readonly id: string;
  readonly tokens: number;
  /** `restored`: read from its session file. `evaluated`: prefilled by this engine. */
  readonly source: 'restored' | 'evaluated';
  /** Tokens this engine evaluated to get this base; 0 when it was restored. */
  readonly evaluated: number;
  /** Wall time of the restore or of the prefill. */
  readonly ms: number;
  /** False: it could not be written, so it lives only in memory. */
  readonly persisted: boolean;
}

export interface EngineStatus {
  readonly state: EngineState;
  /** In words, for `failed` and for anything a person should know. */
  readonly message?: string;
  /** What computes: `cpu`, `metal`, `cuda` or `vulkan`; known before a model is loaded to it. */
  readonly variant?: string;
  /** The graphics processor failed its self-test: an engine without it may work. */
  readonly gpuFailed?: boolean;
  readonly model?: ModelFacts;
  readonly base?: BaseFacts;
  /** While a base is evaluated: tokens done and in all. */
  readonly warming?: { readonly done: number; readonly total: number };
  readonly lastFirstTokenMs?: number;
  /** Of the servers that answer instead of the local model; absent while there is none. */
  readonly server?: ServerStatus;
  /** How sessions reach the disk now, and why if it is not the mapped way. */
  readonly persistence: { readonly kind: 'mapped' | 'file' | 'none'; readonly reason?: string };
}

/** Counts since the engine process started. Tests assert these instead of times. */
export interface EngineCounters {
  /** Tokens that went through `llama_decode`. */
  readonly tokensEvaluated: number;
  readonly baseTokensEvaluated: number;
  readonly decodeCalls: number;
  readonly decodesAborted: number;
  /** Of the calls, those that were begun before the token was looked at that they go on from. */
  readonly decodesAhead: number;
  /** Sequences copied for somebody who waited (`llama_memory_seq_cp`). */
  readonly forks: number;
  /** Forks of the base that were made when nobody waited, and those that a request then took. */
  readonly readyForksMade: number;
  readonly readyForksTaken: number;
  readonly basesRestored: number;
  readonly overlaysRestored: number;
  readonly overlaysSaved: number;
  readonly overlayBytesSaved: number;
  readonly sequencesDetached: number;
  readonly completions: number;
  readonly chats: number;
  readonly cacheMisses: number;
  /** Tokens that were evaluated because they might come next, and those of them that came. */
  readonly tokensDrafted: number;
  readonly draftsKept: number;
}

export interface SessionInfo {
  readonly kind: 'base' | 'file' | 'chat';
  /** Document uri of a file session, id of a base or chat. */
  readonly id: string;
  /** Tokens of its own: an overlay does not count its base. */
  readonly tokens: number;
  /** Bytes on disk; 0 when it has no file yet. */
  readonly sizeBytes: number;
  readonly resident: boolean;
  readonly usedAt: number;
  /** `resident`: cells in memory. `mapped`: cells on its mapped file. `onDisk`: in its file alone. */
  readonly state: SessionState;
  /** Requests that found some of its tokens evaluated, since the engine started. */
  readonly hits: number;
  /** What evaluating those tokens would have cost by the speed that was measured; absent until one was. */
  readonly savedMs?: number;
  /** Its file lacks what is in memory. */
  readonly isDirty: boolean;
  /** Never written to a file. */
  readonly isPrivate: boolean;
  /** Its cells stand on another base than the one that serves: they are evaluated again when it is used. */
  readonly isOutdated: boolean;
  /** Absolute path of its file, if it has one. */
  readonly path?: string;
}

export type SessionState = 'resident' | 'mapped' | 'onDisk';
