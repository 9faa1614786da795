/** Where other programs keep their models. Pure over the environment, so that tests can say what it is. */
import { join } from 'node:path';
import type { ModelSource } from '../../protocol/models.ts';

export interface Surroundings {
  readonly home: string;
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface Place {
  readonly source: ModelSource;
  readonly folder: string;
}

/** Folders with `.gguf` files. */
export function modelPlaces({ home, platform, env }: Surroundings): Place[] {
  const cache = env['XDG_CACHE_HOME'] ?? join(home, '.cache');
  const place = (source: ModelSource, ...folders: (string | undefined)[]): Place[] =>
    folders.flatMap((folder) => (folder === undefined ? [] : [{ source, folder }]));
  return [
    ...place(
      'LM Studio',
      join(home, '.lmstudio', 'models'),
      join(home, '.cache', 'lm-studio', 'models'),
    ),
    ...place(
      'llama.cpp',
      env['LLAMA_CACHE'],
      join(cache, 'llama.cpp'),
      platform === 'darwin' ? join(home, 'Library', 'Caches', 'llama.cpp') : undefined,
      platform === 'win32' && env['LOCALAPPDATA'] !== undefined
        ? join(env['LOCALAPPDATA'], 'llama.cpp')
        : undefined,
    ),
    ...place('Hugging Face', huggingFaceHub(env, cache)),
  ];
}

/** Ollama names its files by their hash; manifests say what they are. */
export function ollamaFolder({ home, env }: Surroundings): string {
  return env['OLLAMA_MODELS'] ?? join(home, '.ollama', 'models');
}

function huggingFaceHub(env: Surroundings['env'], cache: string): string {
  if (env['HF_HUB_CACHE'] !== undefined) return env['HF_HUB_CACHE'];
  return join(env['HF_HOME'] ?? join(cache, 'huggingface'), 'hub');
}
