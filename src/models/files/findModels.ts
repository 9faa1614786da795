/** The model files on this machine, each once. */
import { realpath } from 'node:fs/promises';
import { basename } from 'node:path';
import type { FoundModel, ModelCheck, ModelSource } from '../../protocol/models.ts';
import { checkModel } from './checkModel.ts';
import { isFirstPart } from './modelParts.ts';
import { ollamaModels } from './ollama.ts';
import { modelPlaces, ollamaFolder, type Place, type Surroundings } from './places.ts';
import { walkFiles } from './walk.ts';

/** @param own folder of our downloads */
export async function findModels(own: string, surroundings: Surroundings): Promise<FoundModel[]> {
  const found = new Map<string, FoundModel>();
  const add = async (source: ModelSource, path: string, name?: string): Promise<void> => {
    const real = await realpath(path).catch(() => path);
    if (!found.has(real)) found.set(real, { source, check: named(await checkModel(path), name) });
  };
  const places: Place[] = [{ source: 'download', folder: own }, ...modelPlaces(surroundings)];
  for (const { source, folder } of places) {
    for await (const path of walkFiles(folder)) if (isModel(path)) await add(source, path);
  }
  for (const { name, path } of await ollamaModels(ollamaFolder(surroundings))) {
    await add('Ollama', path, name);
  }
  return [...found.values()];
}

/** What belongs to another model, such as its vision part, is no choice. */
function isModel(path: string): boolean {
  const name = basename(path);
  return /\.gguf$/i.test(name) && isFirstPart(name) && !/mmproj/i.test(name);
}

/** Ollama's files have a hash for a name. */
function named(check: ModelCheck, name: string | undefined): ModelCheck {
  if (name === undefined) return check;
  if (check.kind === 'usable') {
    return { ...check, file: { ...check.file, facts: { ...check.file.facts, name } } };
  }
  return { ...check, sentence: check.sentence.replace(/sha256-[\da-f]+/g, name) };
}
