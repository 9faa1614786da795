/** What the host tells the engine about itself, once per connection. Plain data: it crosses a process boundary as JSON. */

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
}

export type KvType = 'f16' | 'q8_0';
export type GpuChoice = 'auto' | 'off' | 'vulkan' | 'cuda' | 'metal';
/** How session files reach the context: mapped (default) or by ordinary file I/O. */
export type SessionIo = 'mapped' | 'file';

export interface EngineSettings {
  /** Tokens of context shared by base, files and chats; 0 chooses from the model. */
  readonly contextTokens: number;
  /** Upper bound for the base session, in tokens; it never takes more than half of the context. */
  readonly baseTokens: number;
  readonly kvType: KvType;
  readonly gpu: GpuChoice;
  /** 0 chooses from the machine. */
  readonly threads: number;
  readonly sessionIo: SessionIo;
  /** Bytes all session files together may take on disk. */
  readonly cacheBudgetBytes: number;
  /** Keep refused session files aside as `.rejected` instead of removing them. */
  readonly keepRejected: boolean;
}

export interface InitializeParams {
  readonly protocolVersion: number;
  readonly extensionVersion: string;
  readonly workspace: WorkspaceInfo;
  /** Directory of the session cache; created 0700. */
  readonly storagePath: string;
  readonly modelPath: string;
  readonly settings: EngineSettings;
}

export const defaultEngineSettings: EngineSettings = {
  contextTokens: 0,
  baseTokens: 4096,
  kvType: 'f16',
  gpu: 'auto',
  threads: 0,
  sessionIo: 'mapped',
  cacheBudgetBytes: 2 * 1024 ** 3,
  keepRejected: false,
};
