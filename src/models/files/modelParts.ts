import { basename, dirname, join } from 'node:path';

const splitName = /^(.*)-(\d{5})-of-(\d{5})\.gguf$/i;
const maxParts = 1000;

/** The files of a model: those of a split one (`name-00001-of-00003.gguf`) in order, or just `path`. */
export function modelParts(path: string): readonly string[] {
  const folder = dirname(path);
  return partNames(basename(path)).map((name) => join(folder, name));
}

/** The same for a file name. */
export function partNames(name: string): readonly string[] {
  const [, stem, , count] = splitName.exec(name) ?? [];
  const parts = Number(count);
  if (stem === undefined || !(parts >= 1 && parts <= maxParts)) return [name];
  return Array.from(
    { length: parts },
    (_, i) => `${stem}-${String(i + 1).padStart(5, '0')}-of-${count}.gguf`,
  );
}

/** False for the second and later parts of a split model. */
export function isFirstPart(name: string): boolean {
  const part = splitName.exec(name)?.[2];
  return part === undefined || Number(part) === 1;
}
