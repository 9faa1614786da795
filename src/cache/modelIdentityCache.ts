import type { Stats } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import * as v from 'valibot';
import { openRoot, writeFileDurably } from './files.ts';
import type { ModelIdentity } from './fingerprint.ts';

/** Name of the file in the cache directory. */
export const modelIdentityFile = 'models.json';

/** In the cache directory, too: what `src/engine/native` knows of the library. */
export const knownLibraryFile = 'library.json';
const maxModels = 64;

const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/));
const knownModel = v.object({
  path: v.string(),
  sizeBytes: v.number(),
  modifiedMs: v.number(),
  changedMs: v.number(),
  identity: v.object({ sizeBytes: v.number(), headerHash: hash, contentHash: hash }),
});
const fileSchema = v.object({ version: v.literal(1), models: v.array(knownModel) });
type KnownModel = v.InferOutput<typeof knownModel>;

/**
 * Remembers identities of model files between starts. A file counts as unchanged while its path, size,
 * modification time and status-change time are the same. It is only a cache: unreadable means empty,
 * and of two processes that write at once one is forgotten.
 */
export class ModelIdentityCache {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  async find(path: string, stats: Stats): Promise<ModelIdentity | undefined> {
    const models = await this.#read();
    return models.find((model) => isSameFile(model, path, stats))?.identity;
  }

  /** A directory that cannot be used, or a full disk, only means that the model is hashed again next time. */
  async add(path: string, stats: Stats, identity: ModelIdentity): Promise<void> {
    await this.#write(path, stats, identity).catch(() => undefined);
  }

  async #write(path: string, stats: Stats, identity: ModelIdentity): Promise<void> {
    const root = await openRoot(this.#root);
    const added = { ...fileKey(path, stats), identity };
    const others = (await this.#read()).filter((model) => model.path !== added.path);
    const models = [added, ...others].slice(0, maxModels);
    const text = `${JSON.stringify({ version: 1, models }, undefined, 2)}\n`;
    await writeFileDurably(join(root, modelIdentityFile), text, Date.now());
  }

  async #read(): Promise<readonly KnownModel[]> {
    try {
      const text = await readFile(join(this.#root, modelIdentityFile), 'utf8');
      return v.parse(fileSchema, JSON.parse(text)).models;
    } catch {
      return []; // missing, damaged or of another version: the model is hashed again
    }
  }
}

function fileKey(path: string, stats: Stats): Omit<KnownModel, 'identity'> {
  return {
    path: resolve(path),
    sizeBytes: stats.size,
    modifiedMs: stats.mtimeMs,
    changedMs: stats.ctimeMs,
  };
}

function isSameFile(model: KnownModel, path: string, stats: Stats): boolean {
  const key = fileKey(path, stats);
  return (
    model.path === key.path &&
    model.sizeBytes === key.sizeBytes &&
    model.modifiedMs === key.modifiedMs &&
    model.changedMs === key.changedMs
  );
}
