import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inRoot } from './paths.ts';
import { skipStep, step } from './steps.ts';

export interface BuildStep {
  /** Also the name of its stamp file. */
  readonly name: string;
  /** Files and folders, relative to the repository; missing ones count as empty. */
  readonly inputs: readonly string[];
  /** Anything else the result depends on. */
  readonly facts?: readonly string[];
  /** Files that must exist afterwards. */
  readonly outputs: readonly string[];
  build(): Promise<void>;
}

/** Builds unless the outputs exist and were built from exactly these inputs. */
export async function ensureStep(build: BuildStep): Promise<void> {
  const stamp = inRoot('build', 'stamps', build.name.replaceAll(/\W+/g, '-'));
  const wanted = hashInputs(build);
  const outputsExist = () => build.outputs.every((output) => existsSync(inRoot(output)));
  if (outputsExist() && readStamp(stamp) === wanted) return skipStep(build.name, 'up to date');
  await step(build.name, () => build.build());
  if (!outputsExist()) throw new Error(`${build.name} made no ${build.outputs.join(', ')}`);
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, wanted);
}

function readStamp(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

function hashInputs({ inputs, facts = [] }: BuildStep): string {
  const hash = createHash('sha256');
  for (const file of inputs.flatMap(listFiles).sort()) {
    hash.update(`${file}\0`).update(readFileSync(inRoot(file)));
  }
  return hash.update(JSON.stringify([process.platform, process.arch, ...facts])).digest('hex');
}

function listFiles(path: string): string[] {
  const absolute = inRoot(path);
  if (!existsSync(absolute)) return [];
  if (statSync(absolute).isFile()) return [path];
  return readdirSync(absolute, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(inRoot().length + 1));
}
