/**
 * How the state of a context or a sequence reaches a session file and comes back: through a mapping, or by llama.cpp's
 * own file calls where mapping is unsupported or switched off. `read`, and `write` of what is still in the context, belong
 * in a turn of the scheduler; everything else runs off the inference thread.
 */
import { createReadStream } from 'node:fs';
import { rename, stat } from 'node:fs/promises';
import type { Context, ExportedSequence, NativeError } from '../../../native/index.js';
import { Xxh64 } from '../../base/xxh64.ts';
import type { NativeModule } from '../native/loadNative.ts';
import { removeFile, syncPrivateFile, temporaryPathFor } from '../../cache/files.ts';

/** What is saved or restored: the whole context, or one sequence. */
export type StateTarget =
  { readonly kind: 'context' } | { readonly kind: 'sequence'; readonly id: number };

/** What is saved: in the context still, or copied out of it by `Context.exportSequence`. */
export type StateSource =
  StateTarget | { readonly kind: 'exported'; readonly state: ExportedSequence };

export interface SavedSession {
  /** Exact length of the session in its file. */
  readonly sizeBytes: number;
  readonly checksum: string;
}

export interface SessionReader {
  /** Of the file's content, in the form `SavedSession.checksum` has. */
  checksum(): Promise<string>;
  /** Puts the state into the context. Rejects when the file does not validate; the target is then empty. */
  read(target: StateTarget): Promise<Int32Array>;
  close(): Promise<void>;
}

export interface SessionWriter {
  write(source: StateSource, tokens: Int32Array): Promise<void>;
  /** Makes it durable and closes the file. */
  finish(): Promise<SavedSession>;
  /** Closes the file after a failure. */
  abandon(): Promise<void>;
}

export interface SessionIo {
  readonly kind: 'mapped' | 'file';
  reader(path: string, scope: StateTarget['kind']): Promise<SessionReader>;
  /**
   * Room on disk is taken for `cells` cells, or for the whole context. Rejects with the reason `locked` while another
   * process uses this file.
   */
  writer(path: string, scope: StateTarget['kind'], cells?: number): Promise<SessionWriter>;
  /** True while somebody writes this file, in this process or another: it is theirs. */
  isBeingWritten(path: string): boolean;
}

/** @param context that sessions are read into and written from at that time. */
export function mappedSessionIo(
  context: () => Context,
  { SessionFile: files, FileLock }: Pick<NativeModule, 'SessionFile' | 'FileLock'>,
): SessionIo {
  return {
    kind: 'mapped',
    reader: async (path, scope) => {
      // Copy-on-write: whatever is done with it, the file stays as it is.
      const file = await files.open(context(), path, { mode: 'copyOnWrite', scope });
      return {
        checksum: async () => `xxh64:${await file.checksum()}`,
        read: (target) => file.load(target.kind === 'sequence' ? target.id : undefined),
        close: () => file.close(),
      };
    },
    writer: async (path, scope, cells) => {
      const room = cells === undefined ? {} : { maxCells: cells };
      const file = await files.open(context(), path, { mode: 'readWrite', scope, ...room });
      return {
        // Either way it is durable then.
        write: async (source, tokens) => {
          if (source.kind === 'exported') await file.saveExported(tokens, source.state);
          else await file.save(tokens, source.kind === 'sequence' ? source.id : undefined);
        },
        finish: async () => {
          const saved = {
            sizeBytes: file.contentSize(),
            checksum: `xxh64:${await file.checksum()}`,
          };
          await file.close();
          return saved;
        },
        abandon: () => file.close(),
      };
    },
    // A writer holds the lock for as long as it lives.
    isBeingWritten: (path) => {
      try {
        const lock = FileLock.tryAcquire(path);
        lock?.close();
        return lock === undefined;
      } catch {
        return false; // it is gone, or nobody could write it
      }
    },
  };
}

/**
 * Files are written beside their place and renamed into it, so that here, too, a session is valid or absent. There are no
 * locks: of two windows that save one session the later wins.
 */
export function fileSessionIo(context: () => Context): SessionIo {
  return {
    kind: 'file',
    reader: (path) =>
      Promise.resolve({
        checksum: () => fileChecksum(path),
        read: (target) =>
          target.kind === 'sequence'
            ? context().loadSequenceFile(path, target.id)
            : context().loadFile(path),
        close: () => Promise.resolve(),
      }),
    writer: (path) => Promise.resolve(fileWriter(context, path)),
    isBeingWritten: () => false, // what stands at its place is always whole
  };
}

function fileWriter(context: () => Context, path: string): SessionWriter {
  const temporary = temporaryPathFor(path);
  return {
    write: async (source, tokens) => {
      if (source.kind === 'exported')
        await context().saveExportedFile(temporary, source.state, tokens);
      else if (source.kind === 'sequence')
        await context().saveSequenceFile(temporary, source.id, tokens);
      else await context().saveFile(temporary, tokens);
    },
    finish: async () => {
      try {
        await syncPrivateFile(temporary);
        const checksum = await fileChecksum(temporary);
        const sizeBytes = (await stat(temporary)).size;
        await rename(temporary, path);
        return { sizeBytes, checksum };
      } catch (error) {
        await removeFile(temporary);
        throw error;
      }
    },
    abandon: async () => {
      await removeFile(temporary);
    },
  };
}

/** The short name of a native session error: `locked`, `no_space`, … */
export function sessionErrorReason(error: unknown): string | undefined {
  const { code, reason } = error as Partial<NativeError>;
  return code === 'ERR_WARMFORK_SESSION' ? (reason ?? 'unknown') : undefined;
}

/** The same as a mapping's, so that a session written the one way is read the other way. */
async function fileChecksum(path: string): Promise<string> {
  const hash = new Xxh64();
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }))
    hash.update(chunk as Buffer);
  return `xxh64:${hash.digest()}`;
}
