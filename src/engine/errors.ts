export type EngineErrorCode =
  | 'ERR_WARMFORK_CONTEXT_FULL'
  | 'ERR_WARMFORK_DECODE'
  | 'ERR_WARMFORK_NOT_READY'
  | 'ERR_WARMFORK_MODEL'
  /** The graphics processor does not compute what it should. */
  | 'ERR_WARMFORK_GPU'
  | 'ERR_WARMFORK_PROTOCOL'
  | 'ERR_WARMFORK_SERVER'
  | 'ERR_WARMFORK_SESSION';

/** A fault that a person may see: the message says what, which value, and what to do. */
export class EngineError extends Error {
  readonly code: EngineErrorCode;

  constructor(code: EngineErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'EngineError';
    this.code = code;
  }
}
