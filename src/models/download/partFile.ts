/** A download on its way: `name.part`, and beside it what it is a part of. */
import { type FileHandle, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import process from 'node:process';
import * as v from 'valibot';
import { DownloadError } from './downloadError.ts';

const noteSchema = v.object({
  reference: v.string(),
  /** The file's name below the folder of downloads. */
  fileName: v.string(),
  identity: v.optional(v.string()),
  totalBytes: v.optional(v.number()),
});
export type PartNote = v.InferOutput<typeof noteSchema>;

export const noteEnding = '.part.json';

/** Holds the part and its lock. Invariant: what stands in it came from the file that the note names, from its beginning. */
export class PartFile {
  readonly path: string;
  readonly #target: string;
  readonly #file: FileHandle;
  #note: PartNote;
  #bytes: number;

  private constructor(target: string, file: FileHandle, note: PartNote, bytes: number) {
    this.path = `${target}.part`;
    this.#target = target;
    this.#file = file;
    this.#note = note;
    this.#bytes = bytes;
  }

  /** What is there already is kept when it is of the same file. Throws `ERR_WARMFORK_BUSY` while another process loads it. */
  static async open(target: string, note: PartNote): Promise<PartFile> {
    await mkdir(dirname(target), { recursive: true });
    await takeLock(`${target}.part.lock`);
    try {
      const before = await readNote(target);
      const file = await open(`${target}.part`, before ? 'r+' : 'w+').catch(() =>
        open(`${target}.part`, 'w+'),
      );
      const part = new PartFile(target, file, note, (await file.stat()).size);
      if (!before || !isSame(before, note)) await part.restart(note);
      else await part.#writeNote();
      return part;
    } catch (error) {
      await giveLock(`${target}.part.lock`);
      throw error;
    }
  }

  get note(): PartNote {
    return this.#note;
  }

  get bytes(): number {
    return this.#bytes;
  }

  async append(chunk: Uint8Array): Promise<void> {
    for (let done = 0; done < chunk.length;) {
      const { bytesWritten } = await this.#file.write(chunk, done, undefined, this.#bytes);
      done += bytesWritten;
      this.#bytes += bytesWritten;
    }
  }

  /** The file on the server is another one. */
  async restart(note: PartNote): Promise<void> {
    this.#note = note;
    this.#bytes = 0;
    await this.#file.truncate(0);
    await this.#writeNote();
  }

  async learn(facts: Pick<PartNote, 'identity' | 'totalBytes'>): Promise<void> {
    this.#note = { ...this.#note, ...facts };
    await this.#writeNote();
  }

  async flush(): Promise<void> {
    await this.#file.sync();
  }

  /** Puts it into place, under its own name. It has to be closed. */
  async publish(): Promise<void> {
    await rename(this.path, this.#target);
    await rm(this.#target + noteEnding, { force: true });
  }

  /** What is there stays for another time. */
  async close(): Promise<void> {
    await this.#file.close();
    await giveLock(`${this.path}.lock`);
  }

  #writeNote(): Promise<void> {
    return writeFile(this.#target + noteEnding, JSON.stringify(this.#note));
  }
}

export async function readNote(target: string): Promise<PartNote | undefined> {
  try {
    return v.parse(noteSchema, JSON.parse(await readFile(target + noteEnding, 'utf8')));
  } catch {
    return undefined; // no note, or none that is whole: then nothing is known about the part
  }
}

export async function removePart(target: string): Promise<void> {
  await rm(`${target}.part`, { force: true });
  await rm(target + noteEnding, { force: true });
}

/** Without an identity nobody can say whether it is the same file still. */
function isSame(a: PartNote, b: PartNote): boolean {
  return b.identity !== undefined && a.identity === b.identity && a.totalBytes === b.totalBytes;
}

/** Locks of this process. */
const held = new Set<string>();

async function takeLock(path: string): Promise<void> {
  const owner = Number(await readFile(path, 'utf8').catch(() => ''));
  const isOther = owner > 0 && owner !== process.pid && isAlive(owner);
  if (isOther || held.has(path)) throw busy();
  held.add(path);
  await rm(path, { force: true });
  await writeFile(path, String(process.pid), { flag: 'wx' }).catch(() => {
    throw busy();
  });
}

async function giveLock(path: string): Promise<void> {
  held.delete(path);
  await rm(path, { force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function busy(): DownloadError {
  const sentence = 'This model is being downloaded by another window: wait for that one.';
  return new DownloadError('ERR_WARMFORK_BUSY', sentence);
}
