/** A whole download: what the reference means, room on the disk, the files, their checks, and into place. */
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { DownloadProgress, DownloadResult, ModelFile } from '../../protocol/models.ts';
import { checkModel } from '../files/checkModel.ts';
import { checkDownload } from './checkDownload.ts';
import { requireSpace } from './diskSpace.ts';
import { DownloadError } from './downloadError.ts';
import { Http } from './http.ts';
import { PartFile, type PartNote, removePart } from './partFile.ts';
import { huggingFaceEndpoint, parseReference } from './reference.ts';
import { remoteFacts, type RemoteFacts } from './remoteFacts.ts';
import { type RemoteFile, resolveReference } from './resolve.ts';
import { Speed } from './speed.ts';
import { transfer } from './transfer.ts';

export interface DownloadOptions {
  readonly reference: string;
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: DownloadProgress) => void;
  readonly onContact: (host: string, why: string) => void;
  /** Default: 30 s. */
  readonly stallMs?: number;
  /** Default: the clock's. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

const defaultStallMs = 30_000;
const progressEveryMs = 200;
const maxChanges = 3;

/** Expected failures are values; what it loaded before a failure is kept for the next time. */
export async function download(options: DownloadOptions): Promise<DownloadResult> {
  try {
    return { kind: 'done', file: await new Download(options).run() };
  } catch (error) {
    if (options.signal.aborted) return { kind: 'cancelled' };
    if (error instanceof DownloadError) return { kind: 'failed', sentence: error.message };
    throw error;
  }
}

interface Piece {
  readonly remote: RemoteFile;
  facts: RemoteFacts;
  readonly target: string;
  readonly part: PartFile;
}

class Download {
  readonly #options: DownloadOptions;
  readonly #endpoint: string;
  readonly #http: Http;
  readonly #speed = new Speed();
  #pieces: Piece[] = [];
  #later: NodeJS.Timeout | undefined;
  #reported: { readonly kind: DownloadProgress['kind'] | undefined; readonly at: number } = {
    kind: undefined,
    at: 0,
  };

  constructor(options: DownloadOptions) {
    this.#options = options;
    this.#endpoint = huggingFaceEndpoint(options.env);
    const { env, signal, onContact, stallMs = defaultStallMs } = options;
    const value = env['HF_TOKEN'];
    const token = value ? { origin: new URL(this.#endpoint).origin, value } : undefined;
    this.#http = new Http({ signal, onContact, stallMs, token });
  }

  async run(): Promise<ModelFile> {
    const { reference, folder } = this.#options;
    this.#report('connecting');
    const files = await resolveReference(
      parseReference(reference, this.#endpoint),
      this.#endpoint,
      this.#http,
    );
    const first = join(folder, files[0]!.fileName);
    const before = await checkModel(first);
    if (before.kind === 'usable') return before.file;
    try {
      for (const file of files) this.#pieces.push(await this.#open(file));
      await requireSpace(folder, this.#missingBytes());
      for (const piece of this.#pieces) await this.#load(piece);
      for (const [index, piece] of this.#pieces.entries()) await this.#check(piece, index === 0);
    } finally {
      clearTimeout(this.#later);
      for (const { part } of this.#pieces) await part.close();
    }
    return this.#publish(first);
  }

  async #open(remote: RemoteFile): Promise<Piece> {
    const facts = await this.#factsOf(remote.url);
    const { folder } = this.#options;
    const target = join(folder, remote.fileName);
    const note = this.#note(remote, facts);
    await mkdir(folder, { recursive: true }).catch((error: unknown) => {
      throw new DownloadError(
        'ERR_WARMFORK_DISK',
        `The folder for downloads cannot be made (${(error as Error).message}).`,
      );
    });
    return { remote, facts, target, part: await PartFile.open(target, note) };
  }

  #note({ fileName }: RemoteFile, { identity, totalBytes }: RemoteFacts): PartNote {
    return {
      reference: this.#options.reference,
      fileName,
      ...(identity !== undefined && { identity }),
      ...(totalBytes !== undefined && { totalBytes }),
    };
  }

  /** A server that is busy for a moment is asked again. */
  async #factsOf(url: string): Promise<RemoteFacts> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await remoteFacts(url, this.#http);
      } catch (error) {
        if (!(error instanceof DownloadError && error.passing) || attempt >= 4) throw error;
        await this.#wait(500 * 2 ** attempt);
      }
    }
  }

  /** A file that changes on the server is begun anew, as the new one. */
  async #load(piece: Piece): Promise<void> {
    for (let changes = 1; ; changes++) {
      try {
        await this.#transfer(piece);
        return;
      } catch (error) {
        const hasChanged = error instanceof DownloadError && error.code === 'ERR_WARMFORK_CHANGED';
        if (!hasChanged || changes >= maxChanges) throw error;
      }
      this.#report('retrying');
      piece.facts = await this.#factsOf(piece.remote.url);
      await piece.part.restart(this.#note(piece.remote, piece.facts));
    }
  }

  async #transfer({ remote, part }: Piece): Promise<void> {
    await transfer(remote.url, part, {
      http: this.#http,
      wait: (ms) => this.#wait(ms),
      onBytes: (isRetry) => this.#report(isRetry ? 'retrying' : 'downloading'),
    });
    await part.flush();
  }

  /** What turns out to be wrong is worth nothing: the next download begins anew. */
  async #check({ remote, facts, target, part }: Piece, isFirst: boolean): Promise<void> {
    this.#report('checking');
    const name = basename(remote.fileName);
    const expected = { name, sha256: facts.sha256, isFirst };
    try {
      await checkDownload(part.path, expected, this.#options.signal);
    } catch (error) {
      if (error instanceof DownloadError) await removePart(target);
      throw error;
    }
  }

  /** The first part last: a model that can be found is complete. */
  async #publish(first: string): Promise<ModelFile> {
    for (const { part } of [...this.#pieces].reverse()) await part.publish();
    const check = await checkModel(first);
    if (check.kind === 'usable') return check.file;
    throw new DownloadError('ERR_WARMFORK_CONTENT', check.sentence);
  }

  async #wait(ms: number): Promise<void> {
    const { wait = clockWait, signal } = this.#options;
    await wait(ms, signal);
    signal.throwIfAborted();
  }

  #missingBytes(): number {
    return Math.max(0, (this.#totalBytes() ?? 0) - this.#doneBytes());
  }

  #doneBytes(): number {
    return this.#pieces.reduce((sum, { part }) => sum + part.bytes, 0);
  }

  #totalBytes(): number | undefined {
    const totals = this.#pieces.map(({ part }) => part.note.totalBytes);
    return totals.reduce(
      (sum, total) => (sum === undefined || total === undefined ? undefined : sum + total),
      0,
    );
  }

  /** Not more often than a person can read; what is held back comes a moment later. */
  #report(kind: DownloadProgress['kind']): void {
    const now = performance.now();
    const tooSoon = this.#reported.at + progressEveryMs - now;
    clearTimeout(this.#later);
    if (kind === this.#reported.kind && tooSoon > 0) {
      this.#later = setTimeout(() => this.#report(kind), tooSoon);
      return;
    }
    this.#reported = { kind, at: now };
    const doneBytes = this.#doneBytes();
    this.#options.onProgress({
      kind,
      doneBytes,
      totalBytes: this.#pieces.length > 0 ? this.#totalBytes() : undefined,
      bytesPerSecond: kind === 'downloading' ? this.#speed.at(now, doneBytes) : undefined,
    });
  }
}

function clockWait(ms: number, signal: AbortSignal): Promise<unknown> {
  return delay(ms, undefined, { signal });
}
