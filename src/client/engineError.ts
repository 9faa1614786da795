export type EngineErrorCode =
  /** The engine process ended while the request was under way. */
  | 'ERR_WARMFORK_ENGINE_GONE'
  /** The engine cannot be started; a person has to act. */
  | 'ERR_WARMFORK_ENGINE_FAILED'
  /** The engine was not ready within the time the caller gave. */
  | 'ERR_WARMFORK_ENGINE_NOT_READY'
  /** The supervisor was shut down. */
  | 'ERR_WARMFORK_ENGINE_CLOSED'
  /** The engine answered with an error. */
  | 'ERR_WARMFORK_ENGINE_ANSWER';

export class EngineError extends Error {
  override readonly name: string = 'EngineError';
  readonly code: EngineErrorCode;

  constructor(code: EngineErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The request may be sent again: a restarted engine restores its sessions. */
export class EngineGoneError extends EngineError {
  override readonly name = 'EngineGoneError';

  constructor(message = 'The engine stopped while it was answering.', options?: ErrorOptions) {
    super('ERR_WARMFORK_ENGINE_GONE', message, options);
  }
}
