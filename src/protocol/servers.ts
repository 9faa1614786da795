/** Servers that a person runs and points Warmfork at: what the engine is told of them, and what it says about them. */

/** What a model is asked for. */
export type ServerRole = 'completion' | 'chat';

/** `auto`: found out by asking. */
export type ServerKind = 'auto' | 'llama-server' | 'openai';

/** `infill` and `suffix`: the server knows how its model fills in; a template's name: the prompt is written out here. */
export const fimStyles = [
  'auto',
  'infill',
  'suffix',
  'qwen',
  'starcoder',
  'granite',
  'deepseek',
  'codellama',
  'codegemma',
  'codestral',
  'mellum',
  'seed-coder',
  'none',
] as const;

export type FimStyle = (typeof fimStyles)[number];

export interface ServerEndpoint {
  /** As a person wrote it, with or without `/v1`. */
  readonly url: string;
  readonly kind: ServerKind;
  /** Empty: the one the server has. */
  readonly model: string;
  readonly fim: FimStyle;
  /** Sent as a bearer token; never logged. */
  readonly key?: string | undefined;
}

export interface ServerSettings {
  /** Absent: the local model. */
  readonly completion?: ServerEndpoint | undefined;
  readonly chat?: ServerEndpoint | undefined;
  /** Whether the local model answers while a server is away. */
  readonly fallBackToLocal: boolean;
  /** Tokens the server has for one request; null: as the server says. */
  readonly contextTokens: number | null;
  /** Longest silence of a server before it counts as away, in ms. */
  readonly silenceMs: number;
  /** A file with certificates of authorities to trust besides the usual ones; empty: none. */
  readonly caFile: string;
  /** Whether a key may be sent over a connection that is not encrypted. */
  readonly allowKeyOverHttp: boolean;
  /** Empty: as the environment says (`HTTPS_PROXY`, `HTTP_PROXY`). Null: never one. */
  readonly proxy: string | null;
  /** Hosts that are reached without it, besides those in `NO_PROXY`. */
  readonly noProxy: readonly string[];
}

/** `asking`: nothing has been heard yet. `away`: it is asked again later. */
export type ServerState = 'asking' | 'up' | 'away';

export interface ServerHealth {
  readonly state: ServerState;
  /** Host and port, for people. */
  readonly host: string;
  readonly model?: string | undefined;
  /** Tokens for one request, where it says so. */
  readonly contextTokens?: number | undefined;
  /** In words, for `away`. */
  readonly message?: string | undefined;
}

/** By role; a role that the local model serves is absent. */
export type ServerStatus = Readonly<Partial<Record<ServerRole, ServerHealth>>>;
