/**
 * Makes the extension's package (VSIX) for this platform. Everything it holds is laid out in a folder of its own first: minified
 * bundles, the addon, the stand-in model, and node-llama-cpp with llama.cpp's libraries.
 */
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import process from 'node:process';
import { bundleInto, ensureBuilt, standInModelPath } from '../lib/build.ts';
import { inRoot } from '../lib/paths.ts';
import { runOrThrow } from '../lib/processes.ts';
import { step } from '../lib/steps.ts';
import { copyRuntimePackages } from './runtimePackages.ts';

interface Manifest {
  readonly version: string;
  readonly [key: string]: unknown;
}

/** What a person's VS Code needs of package.json; the rest is for those who work on the extension. */
const forDevelopers = ['private', 'scripts', 'dependencies', 'devDependencies', 'overrides'];

/** Returns the absolute path of the package. */
export async function makePackage(): Promise<string> {
  await ensureBuilt();
  const stage = inRoot('build', 'vsix');
  const { version } = readManifest();
  const target = `${process.platform}-${process.arch}`;
  const vsix = inRoot('build', `warmfork-${target}-${version}.vsix`);
  await step('lay out the package', () => layOut(stage));
  await step(`package ${relative(inRoot(), vsix)}`, () => pack(stage, vsix, target));
  console.log(`${vsix}  ${(statSync(vsix).size / 1e6).toFixed(1)} MB`);
  return vsix;
}

async function layOut(stage: string): Promise<void> {
  rmSync(stage, { recursive: true, force: true });
  mkdirSync(stage, { recursive: true });
  writeManifest(stage);
  await bundleInto(stage);
  await copyRuntimePackages(join(stage, 'dist'));
  const files = ['README.md', 'CHANGELOG.md', 'LICENSE', '.vscodeignore', 'media/icons'];
  for (const file of [...files, standInModelPath]) {
    if (!existsSync(inRoot(file))) continue;
    mkdirSync(dirname(join(stage, file)), { recursive: true });
    cpSync(inRoot(file), join(stage, file), { recursive: true });
  }
}

function readManifest(): Manifest {
  return JSON.parse(readFileSync(inRoot('package.json'), 'utf8')) as Manifest;
}

function writeManifest(stage: string): void {
  const kept = Object.entries(readManifest()).filter(([key]) => !forDevelopers.includes(key));
  writeFileSync(join(stage, 'package.json'), JSON.stringify(Object.fromEntries(kept), null, 2));
}

async function pack(stage: string, vsix: string, target: string): Promise<void> {
  rmSync(vsix, { force: true });
  await runOrThrow(
    process.execPath,
    [
      inRoot('node_modules/@vscode/vsce/vsce'),
      ...['package', '--no-dependencies', '--allow-missing-repository', '--skip-license'],
      ...['--target', target, '--out', vsix],
    ],
    { cwd: stage },
  );
}
