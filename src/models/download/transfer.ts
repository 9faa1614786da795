/** Brings one file over: takes up what is there, and tries again after cuts and stalls. */
import { refusal } from './answers.ts';
import { DownloadError } from './downloadError.ts';
import type { Http, Watched } from './http.ts';
import type { PartFile } from './partFile.ts';

export interface TransferOptions {
  readonly http: Http;
  /** Waits before another attempt; rejects when the download is cancelled. */
  readonly wait: (ms: number) => Promise<void>;
  readonly onBytes: (isRetry: boolean) => void;
}

/** Attempts in a row that brought nothing. */
const maxFailures = 6;
const firstWaitMs = 500;
const maxWaitMs = 15_000;

/**
 * Throws a `DownloadError` or the signal's reason; what came stays in the part, unless the file turns out to be
 * another one than was begun (`ERR_WARMFORK_CHANGED`).
 */
export async function transfer(
  url: string,
  part: PartFile,
  options: TransferOptions,
): Promise<void> {
  const attempt = new Attempt(url, part, options);
  for (let failures = 0; ;) {
    const before = part.bytes;
    try {
      await attempt.run();
      return;
    } catch (error) {
      if (!(error instanceof DownloadError && error.passing)) throw error;
      failures = part.bytes > before ? 1 : failures + 1;
      if (failures >= maxFailures) throw error;
    }
    options.onBytes(true);
    await options.wait(Math.min(maxWaitMs, firstWaitMs * 2 ** (failures - 1)));
  }
}

class Attempt {
  readonly #url: string;
  readonly #part: PartFile;
  readonly #options: TransferOptions;
  /** Of the host that has the bytes, which need not be the one that was asked. */
  #etag: string | undefined;

  constructor(url: string, part: PartFile, options: TransferOptions) {
    this.#url = url;
    this.#part = part;
    this.#options = options;
  }

  /** Returns when the file is complete. */
  async run(): Promise<void> {
    const { bytes, note } = this.#part;
    if (bytes > 0 && bytes === note.totalBytes) return;
    const headers = bytes > 0 ? { range: `bytes=${bytes}-` } : {};
    const answer = await this.#options.http.send(this.#url, {
      method: 'GET',
      headers,
      why: 'model',
    });
    try {
      await this.#accept(answer.response);
      await this.#read(answer);
    } finally {
      answer.close();
    }
    const { totalBytes } = this.#part.note;
    if (totalBytes !== undefined && this.#part.bytes < totalBytes) throw this.#incomplete();
  }

  /** Looks whether the answer continues what is there. */
  async #accept(response: Response): Promise<void> {
    const { status, headers } = response;
    if (status === 416) return this.#startOver('it has no such part');
    if (status !== 200 && status !== 206) throw refusal(this.#url, status);
    const etag = headers.get('etag') ?? undefined;
    const hasChanged = this.#etag !== undefined && etag !== undefined && etag !== this.#etag;
    this.#etag = etag ?? this.#etag;
    const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get('content-range') ?? '');
    if (status === 206) {
      const isNext = Number(range?.[1]) === this.#part.bytes && this.#fits(Number(range?.[2]));
      if (hasChanged || !isNext) await this.#startOver('the file changed meanwhile');
      return;
    }
    // The whole file comes, whatever was asked for.
    const total = Number(headers.get('content-length') ?? Number.NaN);
    if (this.#part.bytes > 0) await this.#part.restart(this.#part.note);
    if (Number.isNaN(total)) return;
    if (!this.#fits(total)) await this.#startOver(`it names another size, ${total} bytes`);
    if (this.#part.note.totalBytes === undefined) {
      await this.#part.learn({ ...this.#part.note, totalBytes: total });
    }
  }

  async #read({ chunks }: Watched): Promise<void> {
    for await (const chunk of chunks) {
      const { totalBytes } = this.#part.note;
      if (totalBytes !== undefined && this.#part.bytes + chunk.length > totalBytes) {
        await this.#startOver('more came than it said');
      }
      await append(this.#part, chunk);
      this.#options.onBytes(false);
    }
  }

  #fits(total: number): boolean {
    const { totalBytes } = this.#part.note;
    return Number.isNaN(total) || totalBytes === undefined || total === totalBytes;
  }

  /** What is here belongs to nothing any more; the caller has to ask anew what the file is. */
  async #startOver(why: string): Promise<never> {
    await this.#part.restart(this.#part.note);
    throw new DownloadError('ERR_WARMFORK_CHANGED', this.#sentence(why));
  }

  #incomplete(): DownloadError {
    const why = `it ended after ${this.#part.bytes} of ${this.#part.note.totalBytes} bytes`;
    return new DownloadError('ERR_WARMFORK_REMOTE', this.#sentence(why), { passing: true });
  }

  #sentence(why: string): string {
    const { host } = new URL(this.#url);
    return `${host} did not send the whole file (${why}): start the download again.`;
  }
}

async function append(part: PartFile, chunk: Uint8Array): Promise<void> {
  await part.append(chunk).catch((error: unknown) => {
    const { code, message } = error as NodeJS.ErrnoException;
    const isFull = code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG';
    throw new DownloadError(
      'ERR_WARMFORK_DISK',
      isFull
        ? 'The disk is full: make room, then start the download again; what is here already is kept.'
        : `The model cannot be written (${message}): check the folder for downloads.`,
    );
  });
}
