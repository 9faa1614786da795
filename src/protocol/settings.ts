/** What the host tells the engine about itself, once per connection. Plain data: it crosses a process boundary as JSON. */
import type { ContextChoice } from './project.ts';
import type { ServerSettings } from './servers.ts';

export interface WorkspaceFolder {
  readonly name: string;
  /** Absolute path on the machine the engine runs on. */
  readonly path: string;
  readonly uri: string;
}

export interface WorkspaceInfo {
  /** Stable identity of the workspace (its folder uris); sessions are never shared across keys. */
  readonly key: string;
  readonly name: string;
  readonly folders: readonly WorkspaceFolder[];
  /** `files.exclude` patterns that are switched on. */
  readonly filesExclude: readonly string[];
  /** What a person wants in the project context and out of it. Absent: nothing was chosen. */
  readonly context?: ContextChoice;
  /** False: rules files are not read. Absent: trusted. */
  readonly trusted?: boolean;
}

export type KvType = 'f16' | 'q8_0';
export type GpuChoice = 'auto' | 'off' | 'vulkan' | 'cuda' | 'metal';
/** How session files reach the context: mapped (default) or by ordinary file I/O. */
export type SessionIo = 'mapped' | 'file';
/** What of the sessions is kept on disk: `base` without what files and chats add. What may not be kept is removed. */
export type PersistMode = 'all' | 'base' | 'none';

export interface EngineSettings {
  /** Tokens of context shared by base, files and chats; 0 chooses from the model. */
  readonly contextTokens: number;
  /**
   * Upper bound for the base session, in tokens; it never takes more than half of the context. Null: what this machine
   * evaluates in about a minute.
   */
  readonly baseTokens: number | null;
  readonly kvType: KvType;
  readonly gpu: GpuChoice;
  /** Layers in graphics memory. Null, or absent: as many as fit. */
  readonly gpuLayers?: number | null;
  /** 0 chooses from the machine. */
  readonly threads: number;
  readonly sessionIo: SessionIo;
  readonly persist: PersistMode;
  /** The cells of the base lie on a mapped file where that works; otherwise they are copied into memory. */
  readonly baseInPlace: boolean;
  /** Bytes all session files together may take on disk. */
  readonly cacheBudgetBytes: number;
  /** After so much rest an engine gives its memory back until it is needed again, in ms; 0: never. */
  readonly restAfterMs: number;
  /** Keep refused session files aside as `.rejected` instead of removing them. */
  readonly keepRejected: boolean;
  /** Several tokens in one decode where a text goes on as it went on before. Absent: where that is faster here. */
  readonly drafting?: 'auto' | 'off' | 'always';
}

export interface InitializeParams {
  readonly protocolVersion: number;
  readonly extensionVersion: string;
  readonly workspace: WorkspaceInfo;
  /** Directory of the session cache; created 0700. */
  readonly storagePath: string;
  readonly modelPath: string;
  readonly settings: EngineSettings;
  /** Absent: the local model answers everything, and no server is asked for anything. */
  readonly servers?: ServerSettings | undefined;
}

export const defaultEngineSettings: EngineSettings = {
  contextTokens: 0,
  baseTokens: null,
  kvType: 'f16',
  gpu: 'auto',
  gpuLayers: null,
  threads: 0,
  sessionIo: 'mapped',
  persist: 'all',
  baseInPlace: true,
  cacheBudgetBytes: 2 * 1024 ** 3,
  restAfterMs: 15 * 60_000,
  keepRejected: false,
};
