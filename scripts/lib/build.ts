/** What has to be built before the extension can run: the addon, the stand-in model, the bundles. */
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { bundle } from '../../esbuild.mjs';
import { allGrammarNames } from '../../src/syntax/grammarFiles.ts';
import { buildNative } from '../build-native.ts';
import { inRoot } from './paths.ts';
import { runOrThrow } from './processes.ts';
import { ensureStep } from './upToDate.ts';

export const addonPath = 'build/native/warmfork.node';
export const standInModelPath = 'models/stand-in.gguf';

export const bundleInputs = ['src', 'media', 'esbuild.mjs', 'package-lock.json'];

/** Builds what is not up to date. */
export async function ensureBuilt(): Promise<void> {
  await ensureStep({
    name: 'build the addon (llama.cpp headers, CMake)',
    inputs: ['native', 'scripts/build-native.ts', 'scripts/native'],
    facts: [
      versionOf('node-llama-cpp'),
      versionOf('node-addon-api'),
      versionOf('node-api-headers'),
    ],
    outputs: [addonPath],
    build: async () => {
      buildNative();
    },
  });
  await ensureStep({
    name: 'make the stand-in model',
    inputs: ['scripts/make-model.ts', 'scripts/model'],
    outputs: [standInModelPath],
    build: async () => {
      await runTypeScript('scripts/make-model.ts', ['--out', standInModelPath]);
    },
  });
  await ensureStep({
    name: 'bundle the extension, the engine and the chat panel',
    inputs: bundleInputs,
    outputs: ['dist/extension.cjs', 'dist/engine.mjs', 'dist/outlineWorker.mjs', 'dist/models.mjs'],
    build: () => bundle(),
  });
}

/** Runs a TypeScript program of this repository to its end; throws with its output when it fails. */
export function runTypeScript(program: string, args: readonly string[] = []): Promise<string> {
  return runOrThrow(process.execPath, ['--import', 'tsx', program, ...args]);
}

/** Bundles for a package, minified, into `folder`/dist, with the addon, the grammars and the chat panel's assets. */
export async function bundleInto(folder: string): Promise<void> {
  await bundle({ outdir: `${folder}/dist`, production: true });
  const addon = `${folder}/dist/native/warmfork.node`;
  mkdirSync(dirname(addon), { recursive: true });
  copyFileSync(inRoot(addonPath), addon);
  copyGrammars(`${folder}/dist/syntax`);
}

/** The tree-sitter runtime and the grammars; its name says that it is CommonJS, whatever package it lies in. */
function copyGrammars(folder: string): void {
  const source = inRoot('node_modules/@vscode/tree-sitter-wasm/wasm');
  mkdirSync(folder, { recursive: true });
  copyFileSync(`${source}/tree-sitter.js`, `${folder}/tree-sitter.cjs`);
  copyFileSync(`${source}/../LICENSE`, `${folder}/LICENSE`);
  const wasm = ['tree-sitter', ...allGrammarNames().map((name) => `tree-sitter-${name}`)];
  for (const name of wasm) copyFileSync(`${source}/${name}.wasm`, `${folder}/${name}.wasm`);
}

/** Version of an installed package. */
export function versionOf(packageName: string): string {
  const manifest = readFileSync(inRoot('node_modules', packageName, 'package.json'), 'utf8');
  return `${packageName}@${(JSON.parse(manifest) as { version: string }).version}`;
}
