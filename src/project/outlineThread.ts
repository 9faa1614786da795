import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

import type { ProjectFolder } from './nodeProjectFiles.ts';
import type { OutlineOptions, ProjectOutline } from './outline.ts';
import type { OutlineAnswer, OutlineRequest } from './outlineMessages.ts';
import { ProjectError, type ProjectErrorCode } from './projectError.ts';

/** What a thread is told besides what decides about the outline. */
export interface OutlineWork {
  readonly folders: readonly ProjectFolder[];
  readonly cacheFile?: string | undefined;
  readonly maxSignatureChars: number;
}

/** The bundled worker beside this bundle; undefined when the sources run. */
export function bundledWorker(): string | undefined {
  const path = fileURLToPath(new URL('./outlineWorker.mjs', import.meta.url));
  return existsSync(path) ? path : undefined;
}

/** After this long without work the thread ends and gives its memory back, in ms. */
const IDLE_MS = 30_000;

interface Pending {
  readonly resolve: (outline: ProjectOutline) => void;
  readonly reject: (error: unknown) => void;
}

/** Scans and parses in a thread of its own. The thread starts with the first work. */
export class OutlineThread {
  readonly #workerPath: string;
  readonly #idleMs: number;
  readonly #pending = new Map<number, Pending>();
  #worker: Worker | undefined;
  #idle: NodeJS.Timeout | undefined;
  #lastId = 0;

  constructor(workerPath: string, idleMs = IDLE_MS) {
    this.#workerPath = workerPath;
    this.#idleMs = idleMs;
  }

  get isRunning(): boolean {
    return this.#worker !== undefined;
  }

  /** Rejects as `outlineProject` does, and when the thread ends under way. */
  async outline(work: OutlineWork, options: OutlineOptions): Promise<ProjectOutline> {
    const { filesExclude, exclude, workedOn, trusted, signal } = options;
    signal?.throwIfAborted();
    const id = ++this.#lastId;
    const onAbort = (): void => this.#send({ kind: 'abort', id });
    signal?.addEventListener('abort', onAbort);
    try {
      return await new Promise<ProjectOutline>((resolve, reject) => {
        this.#pending.set(id, { resolve, reject });
        // Only plain data: a signal cannot be cloned.
        const plain = {
          filesExclude,
          ...(exclude && { exclude }),
          ...(workedOn && { workedOn }),
          ...(trusted === undefined ? {} : { trusted }),
        };
        this.#send({ kind: 'outline', id, ...work, options: plain });
      });
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener('abort', onAbort);
      this.#pending.delete(id);
      this.#endWhenIdle();
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle);
    await this.#worker?.terminate();
  }

  #send(request: OutlineRequest): void {
    clearTimeout(this.#idle);
    this.#worker ??= this.#start();
    this.#worker.ref(); // the process waits for the answer
    this.#worker.postMessage(request);
  }

  #start(): Worker {
    const worker = new Worker(this.#workerPath);
    worker.on('message', (answer: OutlineAnswer) => this.#settle(answer));
    worker.on('error', (error) => this.#failAll(error));
    worker.on('exit', () => {
      if (this.#worker === worker) this.#worker = undefined;
      this.#failAll(new Error('The thread that reads the project has ended.'));
    });
    return worker;
  }

  #settle(answer: OutlineAnswer): void {
    const pending = this.#pending.get(answer.id);
    if (answer.kind === 'outline') pending?.resolve(answer.outline);
    else pending?.reject(errorOf(answer));
  }

  #failAll(error: unknown): void {
    for (const { reject } of this.#pending.values()) reject(error);
  }

  #endWhenIdle(): void {
    if (this.#pending.size > 0) return;
    this.#worker?.unref();
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => void this.#worker?.terminate(), this.#idleMs).unref();
  }
}

function errorOf({ message, code }: Extract<OutlineAnswer, { kind: 'failed' }>): Error {
  // The worker sends no other codes.
  return code === undefined
    ? new Error(message)
    : new ProjectError(code as ProjectErrorCode, message);
}
