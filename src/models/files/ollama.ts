import { readFile, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import * as v from 'valibot';
import { walkFiles } from './walk.ts';

export interface OllamaModel {
  /** As in `ollama run`, e.g. `qwen2.5-coder:7b`. */
  readonly name: string;
  readonly path: string;
}

const modelLayer = 'application/vnd.ollama.image.model';
const maxManifestBytes = 1024 * 1024;
const manifestSchema = v.object({
  layers: v.array(
    v.object({ mediaType: v.string(), digest: v.pipe(v.string(), v.regex(/^sha256:[\da-f]+$/)) }),
  ),
});

/** The model files that Ollama's manifests name. Manifests that cannot be read are left out. */
export async function ollamaModels(folder: string): Promise<OllamaModel[]> {
  const manifests = join(folder, 'manifests');
  const models: OllamaModel[] = [];
  for await (const manifest of walkFiles(manifests)) {
    const digest = await modelDigest(manifest);
    if (digest === undefined) continue;
    const name = modelName(relative(manifests, manifest).split(sep));
    models.push({ name, path: join(folder, 'blobs', digest.replace(':', '-')) });
  }
  return models;
}

async function modelDigest(manifest: string): Promise<string | undefined> {
  try {
    if ((await stat(manifest)).size > maxManifestBytes) return undefined;
    const { layers } = v.parse(manifestSchema, JSON.parse(await readFile(manifest, 'utf8')));
    return layers.find(({ mediaType }) => mediaType === modelLayer)?.digest;
  } catch {
    return undefined; // another program's file: whatever is wrong with it, it names no model
  }
}

/** `registry.ollama.ai/library/qwen2.5-coder/7b` → `qwen2.5-coder:7b`. */
function modelName(parts: readonly string[]): string {
  const path = parts.filter((part) => part !== 'registry.ollama.ai' && part !== 'library');
  return `${path.slice(0, -1).join('/')}:${path.at(-1)}`;
}
