/** What host and models process say to each other: which model files there are, whether they fit, and downloads. */
import { NotificationType, ProgressType, RequestType } from 'vscode-jsonrpc';
import type { GpuChoice, KvType } from './settings.ts';

/** Programs whose folders are looked into. `download`: our own. */
export type ModelSource = 'LM Studio' | 'Ollama' | 'llama.cpp' | 'Hugging Face' | 'download';

/** What a model file says about itself. */
export interface ModelFileFacts {
  readonly name: string;
  readonly architecture: string;
  /** As in file names, e.g. `Q4_K_M`. */
  readonly quantisation: string | undefined;
  readonly contextTokens: number | undefined;
  /** It has fill-in-the-middle tokens. */
  readonly fim: boolean;
  readonly standIn: boolean;
}

/** A model file as it lies on this machine; a split one counts as one. */
export interface ModelFile {
  /** Of the first part. */
  readonly path: string;
  /** Of all parts. */
  readonly sizeBytes: number;
  readonly parts: number;
  readonly facts: ModelFileFacts;
}

/** Whether a model can be used; the sentence says what is wrong and what to do. */
export type ModelCheck =
  | { readonly kind: 'usable'; readonly file: ModelFile }
  | { readonly kind: 'unusable'; readonly path: string; readonly sentence: string };

/** Memory a model takes with its context, in bytes. */
export interface MemoryNeed {
  readonly ramBytes: number;
  readonly vramBytes: number;
}

export interface MachineMemory {
  readonly ramBytes: number;
  /** 0: no graphics processor is used. */
  readonly vramBytes: number;
  /** `cpu`, `metal`, `cuda` or `vulkan`. */
  readonly variant: string;
}

export interface FoundModel {
  readonly source: ModelSource;
  readonly check: ModelCheck;
  readonly need?: MemoryNeed;
}

/** A model to download, in the quantisation that suits this machine. */
export interface RecommendedModel {
  readonly name: string;
  /** For {@link downloadModel}. */
  readonly reference: string;
  readonly fileName: string;
  readonly quantisation: string;
  readonly sizeBytes: number;
  readonly license: string;
  readonly need: MemoryNeed;
  readonly fits: boolean;
  /** The one to take when in doubt. At most one is. */
  readonly best: boolean;
}

/** A download that was interrupted and can be taken up again. */
export interface UnfinishedDownload {
  readonly reference: string;
  readonly fileName: string;
  readonly doneBytes: number;
  readonly totalBytes: number | undefined;
}

export interface ListModelsParams {
  /** Where downloads lie. */
  readonly folder: string;
  readonly contextTokens: number;
  readonly kvType: KvType;
  readonly gpu: GpuChoice;
}

export interface ModelList {
  readonly machine: MachineMemory;
  readonly found: readonly FoundModel[];
  readonly recommended: readonly RecommendedModel[];
  readonly unfinished: readonly UnfinishedDownload[];
}

export interface DownloadParams {
  /** `hf:user/repo:Q4_K_M`, `user/repo`, `hf:user/repo/file.gguf` or a URL. */
  readonly reference: string;
  readonly folder: string;
  readonly progressToken: string;
}

export interface DownloadProgress {
  readonly kind: 'connecting' | 'downloading' | 'retrying' | 'checking';
  readonly doneBytes: number;
  readonly totalBytes: number | undefined;
  readonly bytesPerSecond: number | undefined;
}

export type DownloadResult =
  | { readonly kind: 'done'; readonly file: ModelFile }
  /** What was loaded is kept and used when it is asked for again. */
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'failed'; readonly sentence: string };

export const listModels = new RequestType<ListModelsParams, ModelList, void>('models/list');
export const checkModel = new RequestType<{ readonly path: string }, ModelCheck, void>(
  'models/check',
);
/** A cancelled one answers `cancelled`. */
export const downloadModel = new RequestType<DownloadParams, DownloadResult, void>(
  'models/download',
);
export const downloadProgress = new ProgressType<DownloadProgress>();
/** Removes what an interrupted download has left. */
export const discardDownload = new RequestType<
  { readonly folder: string; readonly fileName: string },
  null,
  void
>('models/discard');
/** Every request to another machine, for the log. */
export const contacted = new NotificationType<{ readonly host: string; readonly why: string }>(
  'models/contacted',
);
