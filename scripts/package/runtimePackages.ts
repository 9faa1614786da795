/** The packages that stay outside of the bundle: node-llama-cpp, what it needs at run time, and llama.cpp's libraries. */
import { cpSync, existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import process from 'node:process';
import * as esbuild from 'esbuild';
import { inRoot, root } from '../lib/paths.ts';

/** Programs that node-llama-cpp starts by path, and its own entry. */
const entries = ['index.js', 'bindings/utils/testBindingBinary.js'];
/** Data it reads beside its code. Not the sources of llama.cpp: nothing is compiled on a person's machine. */
const data = [
  'llama/binariesGithubRelease.json',
  'llama/llama.cpp.info.json',
  'llama/package.json',
];
/** CUDA's libraries alone are several times larger than everything else. */
const leftOut = /cuda/;

/** Copies them into `folder`/node_modules. */
export async function copyRuntimePackages(folder: string): Promise<void> {
  const files = new Set(await tracedFiles());
  for (const file of data) files.add(`node_modules/node-llama-cpp/${file}`);
  for (const owner of new Set([...files].map(packageOf))) {
    for (const name of ['package.json', 'LICENSE', 'LICENSE.md', 'license']) {
      files.add(`${owner}/${name}`);
    }
  }
  for (const file of files) if (existsSync(inRoot(file))) cpSync(inRoot(file), join(folder, file));
  for (const name of libraryPackages()) {
    cpSync(inRoot(name), join(folder, name), { recursive: true });
  }
}

/** Every file that can be reached from the entries by import or require, relative to the repository. */
async function tracedFiles(): Promise<string[]> {
  const { metafile } = await esbuild.build({
    entryPoints: entries.map((entry) => inRoot('node_modules/node-llama-cpp/dist', entry)),
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
  return Object.keys(metafile.inputs);
}

/** `node_modules/a/node_modules/@b/c/d.js` → `node_modules/a/node_modules/@b/c`. */
function packageOf(file: string): string {
  const owner = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0];
  if (owner === undefined) throw new Error(`${relative(root, file)} belongs to no package`);
  return owner;
}

/** llama.cpp's prebuilt libraries for this platform: CPU, and the GPU backends that are not left out. */
function libraryPackages(): string[] {
  const system = { darwin: 'mac', win32: 'win' }[process.platform as string] ?? process.platform;
  return readdirSync(inRoot('node_modules/@node-llama-cpp'))
    .filter((name) => name.startsWith(`${system}-${process.arch}`) && !leftOut.test(name))
    .map((name) => `node_modules/@node-llama-cpp/${name}`);
}
