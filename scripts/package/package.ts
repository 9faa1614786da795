/**
 * Makes the extension's package (VSIX) for this platform. Everything it holds is laid out in a folder of its own first: minified
 * bundles, the addon, the stand-in model, and node-llama-cpp with llama.cpp's libraries.
 */
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import {
  addonPath,
  bundleInputs,
  bundleInto,
  ensureBuilt,
  standInModelPath,
} from '../lib/build.ts';
import { inRoot } from '../lib/paths.ts';
import { runOrThrow } from '../lib/processes.ts';
import { ensureStep } from '../lib/upToDate.ts';
import { copyRuntimePackages } from './runtimePackages.ts';

interface Manifest {
  readonly version: string;
  readonly [key: string]: unknown;
}

const packagedFiles = [
  ...['README.md', 'CHANGELOG.md', 'LICENSE', '.vscodeignore', 'package.nls.json', 'l10n'],
  ...readdirSync(inRoot('media'))
    .filter((name) => /\.(svg|png)$/.test(name))
    .map((name) => `media/${name}`),
];

/** What a person's VS Code needs of package.json; the rest is for those who work on the extension. */
const forDevelopers = ['private', 'scripts', 'dependencies', 'devDependencies', 'overrides'];

const target = `${process.platform}-${process.arch}`;

/** Path of the package, relative to the repository. */
function packageName(): string {
  return `build/warmfork-${target}-${readManifest().version}.vsix`;
}

/** Absolute path of the package, which must have been made. */
export function packagePath(): string {
  return inRoot(packageName());
}

/** Builds and packages what is not up to date; returns the absolute path of the package. */
export async function ensurePackage(): Promise<string> {
  await ensureBuilt();
  const vsix = packageName();
  await ensureStep({
    name: 'package the extension',
    inputs: [
      ...bundleInputs,
      ...packagedFiles,
      ...['package.json', 'scripts/package', addonPath, standInModelPath],
    ],
    outputs: [vsix],
    build: () => makePackage(inRoot(vsix)),
  });
  return inRoot(vsix);
}

async function makePackage(vsix: string): Promise<void> {
  const stage = inRoot('build', 'vsix');
  await layOut(stage);
  await pack(stage, vsix);
}

async function layOut(stage: string): Promise<void> {
  rmSync(stage, { recursive: true, force: true });
  mkdirSync(stage, { recursive: true });
  writeManifest(stage);
  await bundleInto(stage);
  await copyRuntimePackages(join(stage, 'dist'));
  for (const file of [...packagedFiles, standInModelPath]) {
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

async function pack(stage: string, vsix: string): Promise<void> {
  rmSync(vsix, { force: true });
  await runOrThrow(
    process.execPath,
    [
      inRoot('node_modules/@vscode/vsce/vsce'),
      ...['package', '--no-dependencies', '--allow-missing-repository', '--skip-license'],
      '--no-rewrite-relative-links', // there is no published repository they could lead to
      ...['--target', target, '--out', vsix],
    ],
    { cwd: stage },
  );
}
