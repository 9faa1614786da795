/** llama.cpp's prebuilt libraries for a platform: installed ones, or fetched from the npm registry into the user's cache. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { inRoot, userCache } from '../lib/paths.ts';
import { run, runOrThrow } from '../lib/processes.ts';
import { step } from '../lib/steps.ts';
import { CannotPackageError, type Target } from './targets.ts';

export interface LibraryPackage {
  /** `@node-llama-cpp/linux-x64`. */
  readonly name: string;
  readonly folder: string;
}

/** Throws a {@link CannotPackageError} when the registry at hand does not have one in the pinned version. */
export async function ensureLibraries(target: Target): Promise<LibraryPackage[]> {
  const found: LibraryPackage[] = [];
  for (const library of target.libraries) found.push(await ensureLibrary(library));
  return found;
}

async function ensureLibrary(library: string): Promise<LibraryPackage> {
  const name = `@node-llama-cpp/${library}`;
  const installed = inRoot('node_modules', name);
  if (existsSync(join(installed, 'package.json'))) return { name, folder: installed };
  const version = pinnedVersion();
  const cached = userCache('libraries', `${library}-${version}`);
  if (!existsSync(join(cached, 'package.json'))) {
    await step(`fetch ${name}@${version}`, () => download(`${name}@${version}`, cached));
  }
  return { name, folder: cached };
}

/** The libraries have the version of node-llama-cpp, which is pinned. */
function pinnedVersion(): string {
  const manifest = readFileSync(inRoot('node_modules/node-llama-cpp/package.json'), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

/** Unpacks beside the final place and renames, so that a half-done folder is never taken for a whole one. */
async function download(specifier: string, folder: string): Promise<void> {
  const partial = `${folder}.${process.pid}.partial`;
  mkdirSync(partial, { recursive: true });
  try {
    const archive = await fetchArchive(specifier, partial);
    checkIntegrity(specifier, archive);
    await runOrThrow('tar', ['-xzf', archive, '-C', partial]);
    rmSync(folder, { recursive: true, force: true });
    renameSync(join(partial, 'package'), folder);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

async function fetchArchive(specifier: string, folder: string): Promise<string> {
  const args = ['pack', specifier, '--silent', '--pack-destination', folder];
  const { code, output } = await run('npm', args);
  const archive = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  if (code === 0 && archive !== undefined) return join(folder, archive);
  const reason = output.trim().split('\n').at(-1) || `npm pack ended with exit code ${code}`;
  throw new CannotPackageError(
    'no-libraries',
    `${specifier} could not be fetched from the npm registry that npm is configured to use (${reason}).`,
  );
}

/** npm checks what the registry says; the lock file says what it has to be, for those that it knows. */
function checkIntegrity(specifier: string, archive: string): void {
  const lock = JSON.parse(readFileSync(inRoot('package-lock.json'), 'utf8')) as {
    packages: Record<string, { version?: string; integrity?: string }>;
  };
  const at = specifier.lastIndexOf('@');
  const locked = lock.packages[`node_modules/${specifier.slice(0, at)}`];
  if (locked?.integrity === undefined || locked.version !== specifier.slice(at + 1)) return;
  const hash = createHash('sha512').update(readFileSync(archive)).digest('base64');
  if (locked.integrity !== `sha512-${hash}`) {
    throw new Error(`${specifier} is not what package-lock.json names (integrity sha512-${hash})`);
  }
}
