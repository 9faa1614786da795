/** The model that speed is measured with: made once, kept in the user's cache folder. */
import { existsSync } from 'node:fs';
import { inRoot, userCache } from '../../scripts/lib/paths.ts';
import { runTypeScript } from '../../scripts/lib/build.ts';

export type ModelShape = '0.5b' | '1.5b';

export function shapeModelPath(shape: ModelShape): string {
  return userCache('bench', `qwen2.5-coder-${shape}-shape.gguf`);
}

/** Makes it unless it is there; resolves to its path. Some 10 s and 0.5 or 1.7 GB. */
export async function ensureShapeModel(shape: ModelShape): Promise<string> {
  const path = shapeModelPath(shape);
  if (!existsSync(path))
    await runTypeScript(inRoot('bench/make-model.ts'), ['--shape', shape, path]);
  return path;
}
