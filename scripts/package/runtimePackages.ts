/** The packages that stay outside of the bundle: node-llama-cpp, what it needs at run time, and llama.cpp's libraries. */
import { cpSync, statSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import * as esbuild from 'esbuild';
import { inRoot, root } from '../lib/paths.ts';
import type { LibraryPackage } from './libraries.ts';

const nodeLlamaCpp = 'node_modules/node-llama-cpp';
/** Its own entry, and a program that it starts by path. */
const entries = ['dist/index.js', 'dist/bindings/utils/testBindingBinary.js'];
/** What a package needs when it runs: no sources, types, maps or pages. */
const runtimeFile = /\.([cm]?js|json|node)$|^LICEN[CS]E/i;
/** Of node-llama-cpp's own folders: not the sources of llama.cpp, since nothing is compiled on a person's machine. */
const leftOutFolders = /node-llama-cpp\/(templates|llama\/\w+)$|\/(test|tests)$/;
/** Native code of one platform for one optional thing that is never asked for: cloning a file instead of copying it. */
const leftOutPackages = /\/@reflink\//;

/** Copies them into `folder`/node_modules. Returns the folders they came from. */
export async function copyRuntimePackages(
  folder: string,
  libraries: readonly LibraryPackage[],
): Promise<string[]> {
  const names = [...(await reachablePackages())].filter((name) => !leftOutPackages.test(name));
  for (const name of names) {
    cpSync(inRoot(name), join(folder, name), {
      recursive: true,
      filter: (path) => isNeeded(relative(root, path), name),
    });
  }
  for (const library of libraries) {
    cpSync(library.folder, join(folder, 'node_modules', library.name), { recursive: true });
  }
  return [...names.map((name) => inRoot(name)), ...libraries.map((library) => library.folder)];
}

function isNeeded(path: string, owner: string): boolean {
  if (!statSync(inRoot(path)).isDirectory()) return runtimeFile.test(basename(path));
  // A package inside a package is copied when it is reachable itself.
  return path === owner || !(basename(path) === 'node_modules' || leftOutFolders.test(path));
}

/** Every package that can be reached from the entries by import or require, as a path relative to the repository. */
async function reachablePackages(): Promise<Set<string>> {
  const { metafile } = await esbuild.build({
    entryPoints: entries.map((entry) => inRoot(nodeLlamaCpp, entry)),
    absWorkingDir: root,
    outdir: 'unused',
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    external: ['@node-llama-cpp/*', 'electron'],
    loader: { '.node': 'file' },
    logLevel: 'error',
  });
  return new Set(Object.keys(metafile.inputs).map(packageOf));
}

/** `node_modules/a/node_modules/@b/c/d.js` → `node_modules/a/node_modules/@b/c`. */
export function packageOf(file: string): string {
  const owner = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0];
  if (owner === undefined) throw new Error(`${file} belongs to no package`);
  return owner;
}
