/**
 * The bundles: extension host (CommonJS, `vscode` external), engine process and its worker (ESM), panels (browser).
 *
 *     node esbuild.mjs [--production] [--outdir dist] [--watch]
 */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import * as esbuild from 'esbuild';

/** Bundled CommonJS packages may call `require` for node's own modules, which an ES module does not have. */
const requireBanner = `import { createRequire as warmforkCreateRequire } from 'node:module';
const require = warmforkCreateRequire(import.meta.url);`;

/**
 * `import * as vscode` becomes, in a CommonJS bundle, a `require` and a copy of all that VS Code's API has, in each of some
 * forty modules: that was most of the time that the extension took to load. Here all of them share one `require`.
 */
const vscodeOnce = {
  name: 'vscode-once',
  setup(build) {
    const filter = /[\\/]src[\\/]extension[\\/].*\.ts$/;
    build.onLoad({ filter }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const star = "import * as vscode from 'vscode';";
      return { contents: text.replace(star, "import vscode from 'vscode-once';"), loader: 'ts' };
    });
    build.onResolve({ filter: /^vscode-once$/ }, ({ path }) => ({ path, namespace: path }));
    build.onLoad({ filter: /./, namespace: 'vscode-once' }, () => ({
      contents: "export default require('vscode');",
    }));
  },
};

function bundles(outdir) {
  return [
    {
      entryPoints: ['src/extension/extension.ts'],
      outfile: `${outdir}/extension.cjs`,
      platform: 'node',
      format: 'cjs',
      target: 'node20',
      external: ['vscode'],
      plugins: [vscodeOnce],
    },
    {
      entryPoints: ['src/engine/main.ts'],
      outfile: `${outdir}/engine.mjs`,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      // node-llama-cpp locates its libraries relative to its own files, so it stays a package.
      external: ['node-llama-cpp', '*.node'],
      banner: { js: requireBanner },
    },
    {
      // Looks for model files and loads them.
      entryPoints: ['src/models/main.ts'],
      outfile: `${outdir}/models.mjs`,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      external: ['node-llama-cpp'],
      banner: { js: requireBanner },
    },
    {
      // A worker thread of the engine process: scans and parses the project.
      entryPoints: ['src/project/outlineWorker.ts'],
      outfile: `${outdir}/outlineWorker.mjs`,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      banner: { js: requireBanner },
    },
    {
      entryPoints: { chat: 'media/chat/main.ts', sessions: 'media/sessions/main.ts' },
      outdir: `${outdir}/media`,
      platform: 'browser',
      format: 'iife',
      target: 'chrome120',
      loader: { '.ttf': 'file', '.svg': 'dataurl' },
      assetNames: '[name]',
    },
  ];
}

/** Options of every bundle. */
export function bundleOptions({ outdir = 'dist', production = false } = {}) {
  return bundles(outdir).map((options) => ({
    bundle: true,
    minify: production,
    sourcemap: production ? false : 'linked',
    legalComments: production ? 'eof' : 'none',
    logLevel: 'warning',
    logOverride: { 'import-is-undefined': 'error' },
    ...options,
  }));
}

export async function bundle(options) {
  await Promise.all(bundleOptions(options).map((one) => esbuild.build(one)));
}

async function watch(options) {
  for (const one of bundleOptions(options)) {
    const context = await esbuild.context({ ...one, logLevel: 'info' });
    await context.watch();
  }
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: {
      production: { type: 'boolean', default: false },
      outdir: { type: 'string', default: 'dist' },
      watch: { type: 'boolean', default: false },
    },
  });
  await (values.watch ? watch(values) : bundle(values));
}
