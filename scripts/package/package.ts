/**
 * Makes the extension's package (VSIX) for a platform. Everything it holds is laid out in a folder of its own first: minified
 * bundles, the addon, the stand-in model, node-llama-cpp with llama.cpp's libraries, and the licences of all that.
 */
import {
  copyFileSync,
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
import { bundleInputs, bundleInto, standInModelPath } from '../lib/build.ts';
import { inRoot } from '../lib/paths.ts';
import { runOrThrow } from '../lib/processes.ts';
import { ensureStep } from '../lib/upToDate.ts';
import { ensureAddon } from './addon.ts';
import { ensureLibraries, type LibraryPackage } from './libraries.ts';
import { collectNotices, formatNotices } from './notices.ts';
import { checkPortability } from './portability.ts';
import { copyRuntimePackages } from './runtimePackages.ts';
import { hereTarget, isHere, type Target } from './targets.ts';

interface Manifest {
  readonly version: string;
  readonly [key: string]: unknown;
}

interface Parts {
  readonly target: Target;
  /** Path of the addon, relative to the repository. */
  readonly addon: string;
  readonly libraries: readonly LibraryPackage[];
}

const packagedFiles = [
  ...['README.md', 'CHANGELOG.md', 'LICENSE', '.vscodeignore', 'package.nls.json', 'l10n'],
  ...['media/walkthrough', 'media/screenshots'],
  ...readdirSync(inRoot('media'))
    .filter((name) => /\.(svg|png)$/.test(name))
    .map((name) => `media/${name}`),
];

/** What a person's VS Code needs of package.json; the rest is for those who work on the extension. */
const forDevelopers = ['private', 'scripts', 'dependencies', 'devDependencies', 'overrides'];

/** Path of the package, relative to the repository. */
function packageName(target: Target): string {
  return `build/warmfork-${target.name}-${readManifest().version}.vsix`;
}

/** Absolute path of the package, which must have been made. */
export function packagePath(target: Target = hereTarget()): string {
  return inRoot(packageName(target));
}

/** The folder whose contents are in the package. */
export function stageFolder(target: Target = hereTarget()): string {
  return inRoot('build', 'vsix', target.name);
}

/**
 * Builds and packages what is not up to date; returns the absolute path of the package. Throws a `CannotPackageError`
 * where this machine can neither build nor fetch a part of it.
 */
export async function ensurePackage(target: Target = hereTarget()): Promise<string> {
  const addon = await ensureAddon(target);
  const libraries = await ensureLibraries(target);
  const vsix = packageName(target);
  await ensureStep({
    name: isHere(target) ? 'package the extension' : `package the extension for ${target.name}`,
    inputs: [
      ...bundleInputs,
      ...packagedFiles,
      ...['package.json', 'scripts/package', addon, standInModelPath],
    ],
    outputs: [vsix],
    build: () => makePackage({ target, addon, libraries }, inRoot(vsix)),
  });
  return inRoot(vsix);
}

async function makePackage(parts: Parts, vsix: string): Promise<void> {
  await checkPortability(parts.target, inRoot(parts.addon), parts.libraries[0]!.folder);
  const stage = stageFolder(parts.target);
  await layOut(stage, parts);
  await pack(stage, parts.target, vsix);
}

async function layOut(stage: string, { target, addon, libraries }: Parts): Promise<void> {
  rmSync(stage, { recursive: true, force: true });
  mkdirSync(stage, { recursive: true });
  writeManifest(stage);
  await bundleInto(stage);
  copyFileSync(inRoot(addon), join(stage, 'dist', 'native', 'warmfork.node'));
  const packages = await copyRuntimePackages(join(stage, 'dist'), libraries);
  const mingw = target.platform === 'win32' && process.platform !== 'win32';
  const notices = await collectNotices({ packages, mingw });
  writeFileSync(join(stage, 'THIRD_PARTY_NOTICES.txt'), formatNotices(notices));
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

async function pack(stage: string, target: Target, vsix: string): Promise<void> {
  rmSync(vsix, { force: true });
  await runOrThrow(
    process.execPath,
    [
      inRoot('node_modules/@vscode/vsce/vsce'),
      ...['package', '--no-dependencies', '--allow-missing-repository', '--skip-license'],
      '--no-rewrite-relative-links', // there is no published repository they could lead to
      ...['--target', target.name, '--out', vsix],
    ],
    { cwd: stage },
  );
}
