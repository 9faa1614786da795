/** The library that node-llama-cpp picked for the processor: remembered, so that the next start need not ask it again. */
import { readFile, stat } from 'node:fs/promises';
import { cpus, release, uptime } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import * as v from 'valibot';
import { openRoot, removeFile, writeFileDurably } from '../../cache/files.ts';
import { knownLibraryFile } from '../../cache/modelIdentityCache.ts';
import type { LibraryOptions } from '../../../native/index.d.ts';

const file = knownLibraryFile;

const Known = v.object({
  version: v.literal(1),
  llamaPath: v.string(),
  ggmlPath: v.string(),
  /** Of llama.cpp. */
  release: v.string(),
  /** What must be as it was. */
  circumstances: v.string(),
});

export type KnownLibrary = Pick<v.InferOutput<typeof Known>, 'llamaPath' | 'ggmlPath' | 'release'>;

/** `auto`: a better backend may work after the next start of the machine (a driver, a card). */
export type KnownFor = 'auto' | false;

export class KnownLibraries {
  readonly #root: string;

  /** @param root the cache directory */
  constructor(root: string) {
    this.#root = root;
  }

  get #path(): string {
    return join(this.#root, file);
  }

  /**
   * The library for the processor, if it is known, unchanged and this the same machine. Whoever takes it keeps it again
   * once it works: after a crash in between node-llama-cpp is asked.
   */
  async take(gpu: KnownFor): Promise<KnownLibrary | undefined> {
    try {
      const known = v.parse(Known, JSON.parse(await readFile(this.#path, 'utf8')));
      if (known.circumstances !== (await circumstances(known, gpu))) return undefined;
      await removeFile(this.#path);
      const { llamaPath, ggmlPath, release: llamaRelease } = known;
      return { llamaPath, ggmlPath, release: llamaRelease };
    } catch {
      return undefined; // missing, damaged, of another version, or the library has gone
    }
  }

  /** A directory that cannot be used only means that the next start asks again. */
  async keep(library: KnownLibrary, gpu: KnownFor): Promise<void> {
    try {
      const root = await openRoot(this.#root);
      const record = { version: 1, ...library, circumstances: await circumstances(library, gpu) };
      await writeFileDurably(join(root, file), `${JSON.stringify(record)}\n`, Date.now());
    } catch {
      return;
    }
  }
}

/** Where the backends of a library are. */
export function initializeOptions({ llamaPath, ggmlPath }: KnownLibrary): LibraryOptions {
  return { llamaPath, ggmlPath, backendsPath: dirname(llamaPath) };
}

async function circumstances(library: KnownLibrary, gpu: KnownFor): Promise<string> {
  const files = await Promise.all(
    [library.llamaPath, library.ggmlPath].map(async (path) => {
      const { size, mtimeMs } = await stat(path);
      return [size, mtimeMs];
    }),
  );
  const { platform, arch } = process;
  const processor = cpus()[0]?.model ?? '';
  const started = gpu === 'auto' ? await startOfMachine() : '';
  return JSON.stringify([files, platform, arch, release(), processor, gpu, started]);
}

/** Another one after each start of the machine. */
async function startOfMachine(): Promise<string> {
  const id = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => undefined);
  if (id !== undefined) return id.trim();
  // To five minutes: the clock may be set meanwhile.
  return String(Math.round((Date.now() - uptime() * 1000) / 300_000));
}
