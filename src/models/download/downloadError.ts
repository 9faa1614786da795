export type DownloadErrorCode =
  | 'ERR_WARMFORK_REFERENCE'
  | 'ERR_WARMFORK_REMOTE'
  /** The file on the server is not the one that was begun. */
  | 'ERR_WARMFORK_CHANGED'
  | 'ERR_WARMFORK_DISK'
  | 'ERR_WARMFORK_CONTENT'
  | 'ERR_WARMFORK_BUSY';

/** Why a download cannot go on. The message is one sentence for a person: what happened and what to do. */
export class DownloadError extends Error {
  readonly code: DownloadErrorCode;
  /** True: trying again may help. */
  readonly passing: boolean;

  constructor(
    code: DownloadErrorCode,
    message: string,
    options: { readonly passing?: boolean } = {},
  ) {
    super(message);
    this.name = 'DownloadError';
    this.code = code;
    this.passing = options.passing ?? false;
  }
}
