/** Mapped session files, and ordinary file I/O for those that cannot be mapped. */
import { basename } from 'node:path';
import { sessionErrorReason, type SessionIo } from './sessionIo.ts';

/** Reasons that say nothing about the session, only that it cannot be mapped here and now. */
const cannotMap = new Set(['unsupported', 'io', 'no_memory']);

export interface FallbackOptions {
  readonly mapped: SessionIo;
  readonly file: SessionIo;
  /** Called for each file that is not mapped, with the reason in words. */
  readonly onFallback: (reason: string) => void;
}

/** Each file is tried mapped first: a file system may map the next one. */
export function sessionIoWithFallback({ mapped, file, onFallback }: FallbackOptions): SessionIo {
  return {
    kind: 'mapped',
    reader: (path, scope) => tryMapped(path, (io) => io.reader(path, scope)),
    writer: (path, scope, cells) => tryMapped(path, (io) => io.writer(path, scope, cells)),
    isBeingWritten: (path) => mapped.isBeingWritten(path),
  };

  async function tryMapped<T>(path: string, open: (io: SessionIo) => Promise<T>): Promise<T> {
    try {
      return await open(mapped);
    } catch (error) {
      if (!cannotMap.has(sessionErrorReason(error) ?? '')) throw error;
      onFallback(`${basename(path)} cannot be mapped: ${(error as Error).message}`);
      return open(file);
    }
  }
}
