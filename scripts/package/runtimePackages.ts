/** The packages that stay outside of the bundle: node-llama-cpp, what it needs at run time, and llama.cpp's libraries. */
import { cpSync, readdirSync, statSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import process from 'node:process';
import * as esbuild from 'esbuild';
import { inRoot, root } from '../lib/paths.ts';

const nodeLlamaCpp = 'node_modules/node-llama-cpp';
/** Its own entry, and a program that it starts by path. */
const entries = ['dist/index.js', 'dist/bindings/utils/testBindingBinary.js'];
/** What a package needs when it runs: no sources, types, maps or pages. */
const runtimeFile = /\.([cm]?js|json|node)$|^LICEN[CS]E/i;
/** Of node-llama-cpp's own folders: not the sources of llama.cpp, since nothing is compiled on a person's machine. */
const leftOutFolders = /node-llama-cpp\/(templates|llama\/\w+)$|\/(test|tests)$/;
/** CUDA's libraries alone are several times larger than everything else. */
const leftOutLibraries = /cuda/;

/** Copies them into `folder`/node_modules. */
export async function copyRuntimePackages(folder: string): Promise<void> {
  for (const name of await reachablePackages()) {
    cpSync(inRoot(name), join(folder, name), {
      recursive: true,
      filter: (path) => isNeeded(relative(root, path), name),
    });
  }
  for (const name of libraryPackages()) {
    cpSync(inRoot(name), join(folder, name), { recursive: true });
  }
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
function packageOf(file: string): string {
  const owner = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0];
  if (owner === undefined) throw new Error(`${file} belongs to no package`);
  return owner;
}

/** llama.cpp's prebuilt libraries for this platform: CPU, and the GPU backends that are not left out. */
function libraryPackages(): string[] {
  const system = { darwin: 'mac', win32: 'win' }[process.platform as string] ?? process.platform;
  return readdirSync(inRoot('node_modules/@node-llama-cpp'))
    .filter((name) => name.startsWith(`${system}-${process.arch}`) && !leftOutLibraries.test(name))
    .map((name) => `node_modules/@node-llama-cpp/${name}`);
}
